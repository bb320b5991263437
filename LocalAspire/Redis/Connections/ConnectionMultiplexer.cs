using System.Net;

namespace StackExchange.Redis;

/// <inheritdoc cref="IConnectionMultiplexer"/>
public sealed partial class ConnectionMultiplexer : IConnectionMultiplexer
{
    // How often time-outs and silence are looked for; one timer for all commands.
    private static readonly TimeSpan CheckInterval = TimeSpan.FromMilliseconds(100);

    private readonly ConfigurationOptions _options;
    private readonly RedisDatabase _database;
    private readonly RedisSubscriber _subscriber;
    private readonly Timer _checks;
    private int _closed;

    private ConnectionMultiplexer(ConfigurationOptions options)
    {
        _options = options;
        Receiver = new MessageReceiver(this);
        _database = new RedisDatabase(this, options.DefaultDatabase ?? 0);
        _subscriber = new RedisSubscriber(this);
        Interactive = new RedisLink(this, options, ConnectionType.Interactive, null);
        Subscriptions = new RedisLink(this, options, ConnectionType.Subscription, Receiver);
        _checks = new Timer(Check, null, CheckInterval, CheckInterval);
    }

    /// <inheritdoc/>
    public string ClientName => _options.ClientNameOrDefault;

    /// <inheritdoc/>
    public string Configuration => _options.ToString(includePassword: false);

    /// <inheritdoc/>
    public bool IsConnected => Interactive.IsConnected;

    /// <inheritdoc/>
    public bool IsConnecting => Volatile.Read(ref _closed) == 0 && !(Interactive.IsConnected && Subscriptions.IsConnected);

    /// <inheritdoc/>
    public int TimeoutMilliseconds => _options.SyncTimeout;

    internal RedisLink Interactive { get; }

    internal RedisLink Subscriptions { get; }

    internal MessageReceiver Receiver { get; }

    internal ScriptCache Scripts { get; } = new();

    /// <summary>Guards the queues that are not served directly; shared, so that an idle channel costs no lock of its own.</summary>
    internal Lock QueueGate { get; } = new();

    /// <summary>Opens the connections, and waits for them.</summary>
    /// <exception cref="RedisConnectionException">No server answers and <see cref="ConfigurationOptions.AbortOnConnectFail"/> is true.</exception>
    public static ConnectionMultiplexer Connect(string configuration, TextWriter? log = null) =>
        Connect(ConfigurationOptions.Parse(configuration), log);

    /// <inheritdoc cref="Connect(string, TextWriter?)"/>
    public static ConnectionMultiplexer Connect(ConfigurationOptions configuration, TextWriter? log = null) =>
        Task.Run(() => ConnectAsync(configuration, log)).GetAwaiter().GetResult();

    /// <inheritdoc cref="Connect(string, TextWriter?)"/>
    public static Task<ConnectionMultiplexer> ConnectAsync(string configuration, TextWriter? log = null) =>
        ConnectAsync(ConfigurationOptions.Parse(configuration), log);

    /// <inheritdoc cref="Connect(string, TextWriter?)"/>
    public static Task<ConnectionMultiplexer> ConnectAsync(
        string configuration, Action<ConfigurationOptions> configure, TextWriter? log = null) =>
        ConnectAsync(ConfigurationOptions.Parse(configuration).Apply(configure), log);

    /// <inheritdoc cref="Connect(string, TextWriter?)"/>
    public static async Task<ConnectionMultiplexer> ConnectAsync(ConfigurationOptions configuration, TextWriter? log = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        if (configuration.EndPoints.Count == 0)
            throw new ArgumentException("No endpoints specified", nameof(configuration));

        var options = configuration.Clone();
        options.SetDefaultPorts();
        log?.WriteLine($"Connecting: {options.ToString(includePassword: false)}");
        var multiplexer = new ConnectionMultiplexer(options);
        await Task.WhenAll(multiplexer.Interactive.FirstAttempts, multiplexer.Subscriptions.FirstAttempts);
        if (options.AbortOnConnectFail && (multiplexer.Interactive.LastFailure ?? multiplexer.Subscriptions.LastFailure) is RedisConnectionException failure)
        {
            await multiplexer.CloseAsync(allowCommandsToComplete: false);
            throw new RedisConnectionException(failure.FailureType, $"It was not possible to connect to the redis server(s). {failure.Message}", failure);
        }

        log?.WriteLine(multiplexer.IsConnected ? "Connected." : $"Not connected yet: {multiplexer.Interactive.LastFailure?.Message}");
        return multiplexer;
    }

    /// <inheritdoc/>
    public IDatabase GetDatabase(int db = -1, object? asyncState = null) => db == -1 || db == _database.Database
        ? _database
        : throw new NotSupportedException($"This connection is for database {_database.Database}; open another one with defaultDatabase={db}.");

    /// <inheritdoc/>
    public ISubscriber GetSubscriber(object? asyncState = null) => _subscriber;

    /// <inheritdoc/>
    public EndPoint[] GetEndPoints(bool configuredOnly = false) => [.. _options.EndPoints];

    /// <inheritdoc/>
    public void Close(bool allowCommandsToComplete = true) => Task.Run(() => CloseAsync(allowCommandsToComplete)).GetAwaiter().GetResult();

    /// <inheritdoc/>
    public async Task CloseAsync(bool allowCommandsToComplete = true)
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
            return;

        if (allowCommandsToComplete)
            await CompleteCommandsAsync();

        Interactive.Stop();
        Subscriptions.Stop();
        await Task.WhenAll(Interactive.Running, Subscriptions.Running);
        await _checks.DisposeAsync();
        Interactive.Dispose();
        Subscriptions.Dispose();
        Receiver.Complete();
    }

    /// <summary>Closes both connections; commands that wait for a reply fail.</summary>
    public void Dispose() => Close(allowCommandsToComplete: false);

    /// <summary>Closes both connections; commands that wait for a reply fail.</summary>
    public async ValueTask DisposeAsync() => await CloseAsync(allowCommandsToComplete: false);

    /// <inheritdoc/>
    public override string ToString() => Configuration;

    // Replies come in order, so everything written before this PING is complete when it is.
    private async Task CompleteCommandsAsync()
    {
        try
        {
            if (Interactive.IsConnected)
                await _database.PingAsync();
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            // Closing anyway; the commands themselves have failed in the same way.
        }
    }

    private void Check(object? state)
    {
        var now = Environment.TickCount64;
        Interactive.Check(now);
        Subscriptions.Check(now);
    }
}
