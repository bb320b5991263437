using System.Net;

namespace StackExchange.Redis;

/// <summary>
/// Keeps one connection open: opens it, hands it commands, and opens the next one when it ends, for as long as the retry policy says.
/// </summary>
internal sealed partial class RedisLink : IDisposable
{
    // How often the retry policy is asked, and so the shortest pause between two attempts whatever it answers.
    private static readonly TimeSpan PolicyInterval = TimeSpan.FromMilliseconds(100);

    private readonly ConnectionMultiplexer _owner;
    private readonly ConfigurationOptions _options;
    private readonly MessageReceiver? _receiver;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _firstAttempts = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private volatile RedisConnection? _connection;
    private volatile Exception? _lastFailure;
    private ConnectionFailureType _reported;
    private int _generation;

    internal RedisLink(ConnectionMultiplexer owner, ConfigurationOptions options, ConnectionType type, MessageReceiver? receiver)
    {
        _owner = owner;
        _options = options;
        _receiver = receiver;
        Type = type;
        Running = Task.Run(RunAsync);
    }

    internal ConnectionType Type { get; }

    internal bool IsConnected => _connection is not null;

    internal Exception? LastFailure => _lastFailure;

    /// <summary>Another number for each connection.</summary>
    internal int Generation => Volatile.Read(ref _generation);

    /// <summary>Completes with the first connection, or when the first attempts have failed.</summary>
    internal Task FirstAttempts => _firstAttempts.Task;

    internal Task Running { get; }

    internal void Stop()
    {
        _stop.Cancel();
        _connection?.End(new RedisConnectionException(ConnectionFailureType.ConnectionDisposed, "The connection was closed."));
    }

    /// <summary>Only after <see cref="Running"/> has completed.</summary>
    public void Dispose() => _stop.Dispose();

    private async Task RunAsync()
    {
        var failures = 0;
        for (var attempt = 0; !_stop.IsCancellationRequested; attempt++)
        {
            var started = Environment.TickCount64;
            var endPoint = _options.EndPoints[attempt % _options.EndPoints.Count];
            try
            {
                var connection = await RedisConnection.OpenAsync(_options, endPoint, _receiver, _stop.Token);
                failures = 0;
                await UseAsync(connection);
            }
            catch (RedisConnectionException e)
            {
                failures++;
                OnFailure(endPoint, e, isFirst: failures == 1);
                var attempts = _options.AbortOnConnectFail ? _options.ConnectRetry : 1;
                if (failures >= attempts || e.FailureType == ConnectionFailureType.AuthenticationFailure)
                    _firstAttempts.TrySetResult();
            }

            await WaitForRetryAsync(failures, started);
        }

        _firstAttempts.TrySetResult();
        FailWaiting(new ObjectDisposedException(nameof(ConnectionMultiplexer)));
    }

    /// <summary>Makes the connection the current one until it ends.</summary>
    private async Task UseAsync(RedisConnection connection)
    {
        Interlocked.Increment(ref _generation);
        var ready = PublishAsync(connection);
        if (_stop.IsCancellationRequested)
            Stop();

        // Restored means that messages arrive again: with many channels the server needs a moment to subscribe them.
        await Task.WhenAny(ready, connection.Ended);
        if (!connection.Ended.IsCompleted)
        {
            _lastFailure = null;
            if (_reported != ConnectionFailureType.None)
                _owner.OnRestored(connection.EndPoint, Type);

            _reported = ConnectionFailureType.None;
            _firstAttempts.TrySetResult();
        }

        var reason = await connection.Ended;
        _lastFailure = reason;
        _connection = null;
        throw reason;
    }

    private void OnFailure(EndPoint endPoint, RedisConnectionException reason, bool isFirst)
    {
        _lastFailure = reason;
        if (isFirst || _options.BacklogPolicy.AbortPendingOnConnectionFailure)
            FailWaitingIfAsked(reason);

        // Once per failure; that the password is wrong is news even while the connection is down.
        if (_stop.IsCancellationRequested || _reported == reason.FailureType
            || (_reported != ConnectionFailureType.None && reason.FailureType != ConnectionFailureType.AuthenticationFailure))
            return;

        _reported = reason.FailureType;
        _owner.OnFailed(endPoint, Type, reason);
    }

    // The attempts that somebody waits for in Connect follow each other quickly; later ones as the policy says.
    private async Task WaitForRetryAsync(int failures, long started)
    {
        try
        {
            do
                await Task.Delay(PolicyInterval, _stop.Token);
            while (_firstAttempts.Task.IsCompleted && !ShouldRetry(Math.Max(0, failures - 1), (int)(Environment.TickCount64 - started)));
        }
        catch (OperationCanceledException)
        {
            // Closing; the loop's condition ends it.
        }
    }

    private bool ShouldRetry(int failures, int elapsed)
    {
        try
        {
            return _options.ReconnectRetryPolicy.ShouldRetry(failures, elapsed);
        }
        catch (Exception e)
        {
            // The policy is the user's code; its error must not end the reconnecting for good.
            _owner.OnInternalError(e, Type, nameof(ConfigurationOptions.ReconnectRetryPolicy));
            return elapsed >= _options.ConnectTimeout;
        }
    }
}
