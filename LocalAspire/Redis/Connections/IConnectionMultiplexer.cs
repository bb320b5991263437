using System.Net;

namespace StackExchange.Redis;

/// <summary>
/// The way to one Redis server: a connection for all commands and one for all subscriptions, both reopened when they fail.
/// One per process is enough. Safe for all threads.
/// </summary>
public interface IConnectionMultiplexer : IDisposable, IAsyncDisposable
{
    /// <summary>A connection failed: raised once, until it is restored. Handlers run one after the other on the thread pool.</summary>
    event EventHandler<ConnectionFailedEventArgs> ConnectionFailed;

    /// <summary>A connection is open again; that of the subscriptions, after all channels were subscribed again.</summary>
    event EventHandler<ConnectionFailedEventArgs> ConnectionRestored;

    /// <summary>Something failed inside the client, or a handler threw.</summary>
    event EventHandler<InternalErrorEventArgs> InternalError;

    /// <summary>The name in CLIENT LIST.</summary>
    string ClientName { get; }

    /// <summary>The connection string without the password.</summary>
    string Configuration { get; }

    /// <summary>Whether commands can be sent now.</summary>
    bool IsConnected { get; }

    /// <summary>Whether a connection is being opened.</summary>
    bool IsConnecting { get; }

    /// <summary>The time-out of commands in milliseconds.</summary>
    int TimeoutMilliseconds { get; }

    /// <summary>The database that the connection string names.</summary>
    /// <param name="db">Its number, or -1 for the one of the connection string.</param>
    /// <param name="asyncState">Accepted for compatibility.</param>
    /// <exception cref="NotSupportedException">It is another database: the stand-in has one per connection.</exception>
    IDatabase GetDatabase(int db = -1, object? asyncState = null);

    /// <summary>Publishing and subscribing.</summary>
    ISubscriber GetSubscriber(object? asyncState = null);

    /// <summary>The server's addresses.</summary>
    EndPoint[] GetEndPoints(bool configuredOnly = false);

    /// <summary>Closes both connections.</summary>
    /// <param name="allowCommandsToComplete">Whether to wait for replies that are due, at most for the time-out.</param>
    void Close(bool allowCommandsToComplete = true);

    /// <summary>Closes both connections.</summary>
    /// <param name="allowCommandsToComplete">Whether to wait for replies that are due, at most for the time-out.</param>
    Task CloseAsync(bool allowCommandsToComplete = true);
}
