using System.Net;

namespace StackExchange.Redis;

public sealed partial class ConnectionMultiplexer
{
    private readonly Lock _eventGate = new();
    private Task _events = Task.CompletedTask;

    /// <inheritdoc/>
    public event EventHandler<ConnectionFailedEventArgs>? ConnectionFailed;

    /// <inheritdoc/>
    public event EventHandler<ConnectionFailedEventArgs>? ConnectionRestored;

    /// <inheritdoc/>
    public event EventHandler<InternalErrorEventArgs>? InternalError;

    internal void OnFailed(EndPoint endPoint, ConnectionType type, RedisConnectionException reason) =>
        Raise(() => ConnectionFailed?.Invoke(this, new ConnectionFailedEventArgs(endPoint, type, reason.FailureType, reason)));

    internal void OnRestored(EndPoint endPoint, ConnectionType type) =>
        Raise(() => ConnectionRestored?.Invoke(this, new ConnectionFailedEventArgs(endPoint, type, ConnectionFailureType.None, null)));

    internal void OnInternalError(Exception exception, ConnectionType type, string origin) =>
        Raise(() => InternalError?.Invoke(this, new InternalErrorEventArgs(null, type, exception, origin)));

    // In order, and never on the thread that keeps a connection.
    private void Raise(Action raise)
    {
        lock (_eventGate)
            _events = _events.ContinueWith(_ => raise(), TaskScheduler.Default);
    }
}
