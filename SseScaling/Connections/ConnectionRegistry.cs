using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using SseScaling.Hosting;
using SseScaling.Protocol;
using SseScaling.Telemetry;

namespace SseScaling.Connections;

/// <summary>All streams of this replica: admits them up to the limit, keeps their time, and ends them when the replica stops.</summary>
internal sealed partial class ConnectionRegistry : SupervisedService, IHostedLifecycleService
{
    // Two tabs of which only one may be open would else end each other every few seconds.
    private static readonly TimeSpan ReplacedFor = TimeSpan.FromMinutes(1);

    // For the last frames of a stream, the farewell among them, on a machine that is busy.
    private static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan AfterExpiry = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<long, Connection> _connections = new();
    private readonly TimingWheel _wheel;
    private readonly ILogger<ConnectionRegistry> _logger;
    private long _numbers;
    private long _turnedAt;
    private int _count;

    public ConnectionRegistry(IOptions<SseOptions> options, AddressPlaces addresses, DeliveryMetrics metrics, Supervision supervision, TimeProvider time, ILogger<ConnectionRegistry> logger)
        : base(supervision)
    {
        Options = options.Value;
        Addresses = addresses;
        Capacity = ConnectionCapacity.Of(Options);
        Metrics = metrics;
        Time = time;
        _turnedAt = time.Milliseconds();
        _logger = logger;
        _wheel = new TimingWheel(Look);
        metrics.Observe(() => Volatile.Read(ref _count));
    }

    public SseOptions Options { get; }

    /// <summary>The places of each client address.</summary>
    public AddressPlaces Addresses { get; }

    public DeliveryMetrics Metrics { get; }

    /// <summary>What heartbeats, lifetimes and time-outs go by.</summary>
    public TimeProvider Time { get; }

    /// <summary>The most streams at once.</summary>
    public ConnectionCapacity Capacity { get; private set; }

    public int Count => Volatile.Read(ref _count);

    /// <summary>Whether the replica is stopping, so that it takes no new streams.</summary>
    public bool IsDraining { get; private set; }

    public long NextNumber() => Interlocked.Increment(ref _numbers);

    /// <summary>Takes a place for a stream; false when all are taken or the replica drains. A place is given back by <see cref="Release"/> or by the stream's end.</summary>
    public bool TryReserve()
    {
        if (IsDraining)
            return false;
        if (Interlocked.Increment(ref _count) <= Capacity.Connections)
            return true;
        Release();
        return false;
    }

    /// <summary>Gives back a reserved place of which nothing became.</summary>
    public void Release() => Interlocked.Decrement(ref _count);

    /// <summary>Called with each stream that ended.</summary>
    public event Action<Connection>? StreamEnded;

    /// <summary>Ends a stream once its client took what waits for it.</summary>
    /// <param name="connection">The stream's connection.</param>
    /// <param name="reason">Why.</param>
    /// <param name="forGood">Whether its client shall not come back; else it is told when.</param>
    public void End(Connection connection, SseDisconnectReason reason, bool forGood = false) => connection.End(reason, Farewell(reason, forGood, connection.PositionForm));

    /// <summary>Takes over a stream that has its place and its stream.</summary>
    /// <param name="connection">The stream's connection.</param>
    /// <param name="address">Where its client is, for the log.</param>
    public void Add(Connection connection, string? address = null)
    {
        if (Options.MaxLifetime is { } lifetime)
            connection.LifetimeEndsAt = connection.StartedAt + (long)(lifetime.TotalMilliseconds * (0.8 + (0.2 * Random.Shared.NextDouble())));
        _connections[connection.Number] = connection;
        _wheel.Add(connection, 1);
        LogConnected(connection.Number, address ?? "inside", connection.Label, Count);

        // It may have ended before it was listed, or the drain may have listed the streams just before: nobody else would end it then.
        if (connection.IsEnded)
            _connections.TryRemove(connection.Number, out _);
        else if (IsDraining)
            End(connection, SseDisconnectReason.Drain);
    }

    /// <summary>Called by a connection once it ended.</summary>
    public void Ended(Connection connection)
    {
        _connections.TryRemove(connection.Number, out _);
        Release();
        Addresses.Release(connection.AddressPlace);
        connection.Stream?.Leave();
        StreamEnded?.Invoke(connection);
        Metrics.Disconnected(connection.Reason);
        LogDisconnected(connection.Number, connection.Label, Time.Milliseconds() - connection.StartedAt, connection.Reason.Name());
    }

    /// <summary>
    /// Ends all streams, evenly over the drain window, each with a reconnect delay of its own, so that the clients do not come back to the other
    /// replicas in one instant.
    /// </summary>
    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        IsDraining = true;
        var open = _connections.Values.ToArray();
        if (open.Length == 0)
            return;
        LogDraining(open.Length, Options.DrainWindow.TotalSeconds);
        // By the system's clock whatever the application's is: the process ends in its time.
        var start = Environment.TickCount64;
        for (var ended = 0; ended < open.Length;)
        {
            var share = Options.DrainWindow.TotalMilliseconds is > 0 and var window ? (Environment.TickCount64 - start) / window : 1;
            if (cancellationToken.IsCancellationRequested)
                share = 1;
            for (var due = Math.Min(open.Length, 1 + (int)(share * open.Length)); ended < due; ended++)
                End(open[ended], SseDisconnectReason.Drain);
            if (ended < open.Length)
                await Task.Delay(20, CancellationToken.None);
        }

        for (start = Environment.TickCount64; !_connections.IsEmpty && Environment.TickCount64 - start < FarewellTime.TotalMilliseconds;)
            await Task.Delay(20, CancellationToken.None);
        foreach (var (_, connection) in _connections)
            connection.End(SseDisconnectReason.Drain);
    }

    /// <summary>Drains before the web server stops, so that during the drain /health and new streams are answered with 503 rather than refused.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken) => DrainAsync(cancellationToken);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Whatever the process has open by itself is open now.</summary>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        Capacity = ConnectionCapacity.Of(Options);
        LogCapacity(Capacity.Connections, Capacity.Source);
        return Task.CompletedTask;
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override Task RunAsync(CancellationToken stoppingToken) => RepeatAsync(TimingWheel.SlotTime, TurnAsync, stoppingToken);

    private Task TurnAsync(CancellationToken stopping)
    {
        // As often as its time has come: a clock that is moved by a minute moves it by sixty slots. Half a slot, since a timer may be early.
        var slot = (long)TimingWheel.SlotTime.TotalMilliseconds;
        while (Time.Milliseconds() - _turnedAt >= slot / 2)
        {
            _turnedAt += slot;
            _wheel.Turn();
        }

        return Task.CompletedTask;
    }

    /// <summary>What one connection's turn on the wheel does; returns when the next one is due.</summary>
    private long Look(Connection connection)
    {
        if (connection.IsEnded)
            return 0;
        var now = Time.Milliseconds();
        var quiet = now - connection.LastWriteAt;
        if (connection.IsEnding)
            Cut(connection, now);
        else if (connection.HasBacklog && now - connection.WaitingSince >= (long)Options.WriteTimeout.TotalMilliseconds)
            connection.End(SseDisconnectReason.WriteTimeout);
        else if (now >= connection.LifetimeEndsAt)
            End(connection, SseDisconnectReason.Lifetime);
        else if (connection.Right is { } right && now >= right.EndsAt)
            Expire(connection, right, now);
        else
            Keep(connection, quiet, now);
        var heartbeat = (long)Options.Heartbeat.TotalMilliseconds;
        var next = Math.Min(Math.Min(connection.LastWriteAt + heartbeat, connection.LifetimeEndsAt), connection.Right?.NextAt ?? long.MaxValue) - now;
        // Another right may take its place meanwhile, with less time.
        if (connection.Right is { ExpiresAt: not null })
            next = Math.Min(1000, next);
        return connection.HasBacklog ? Math.Min(1000, Math.Max(1, next)) : Math.Max(1, next);
    }

    private void Keep(Connection connection, long quiet, long now)
    {
        if (connection.Stream is not { } stream)
            return;
        stream.OpenUnlessOpened();
        if (connection.Right is { } right)
            Remind(connection, right, now);
        if (!connection.HasBacklog && quiet >= (long)Options.Heartbeat.TotalMilliseconds)
            stream.SendHeartbeat();
    }

    private static void Remind(Connection connection, StreamRight right, long now)
    {
        if (right.ExpiresAt is { } end && right.TakeReminder(now))
            connection.Send(ControlFrames.Reauthenticate(end, right.StreamId));
    }

    private static void Cut(Connection connection, long now)
    {
        if (now - connection.EndingSince >= (long)FarewellTime.TotalMilliseconds)
            connection.End(SseDisconnectReason.WriteTimeout);
    }

    private void Expire(Connection connection, StreamRight right, long now)
    {
        Remind(connection, right, now);
        End(connection, SseDisconnectReason.TokenExpired);
    }

    private Frame Farewell(SseDisconnectReason reason, bool forGood, PositionForm form)
    {
        var spread = 1 + (2 * Random.Shared.NextDouble());
        return reason switch
        {
            SseDisconnectReason.Replaced => ControlFrames.Replaced(ReplacedFor * spread, Options.MaxStreamsPerUser),
            // The new right is there, or never will be; the ends are spread already.
            SseDisconnectReason.TokenExpired => ControlFrames.Farewell(AfterExpiry * spread, forGood, form),
            _ => ControlFrames.Farewell(Options.Retry * spread, forGood, form),
        };
    }

    [LoggerMessage(1, LogLevel.Information, "[SSE] Client connected: {Client} from {Address} listens to {Label} ({Connections} open)")]
    private partial void LogConnected(long client, string address, string label, int connections);

    [LoggerMessage(2, LogLevel.Information, "[SSE] Client {Client} ({Label}) disconnected after {Milliseconds} ms: {Reason}")]
    private partial void LogDisconnected(long client, string label, long milliseconds, string reason);

    [LoggerMessage(3, LogLevel.Information, "[SSE] Draining {Connections} streams over {Seconds} s")]
    private partial void LogDraining(int connections, double seconds);

    [LoggerMessage(4, LogLevel.Information, "[SSE] Room for {Connections} streams ({Source})")]
    private partial void LogCapacity(long connections, string source);
}
