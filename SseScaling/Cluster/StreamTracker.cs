using Microsoft.Extensions.Options;
using SseScaling.Backplane;
using SseScaling.Connections;
using SseScaling.Hosting;
using SseScaling.Topics;

namespace SseScaling.Cluster;

/// <summary>
/// Keeps the register of users' streams right for the streams of this replica, and bounds those of one user in the whole cluster. Where the oldest gives way, a stream
/// begins at once and is entered beside it; where the newest is refused, the answer waits for the register. While that is away nobody is refused.
/// </summary>
/// <remarks>
/// One loop writes what has changed: at once where there is a limit, else in turns. Everything is written anew before it expires, and after an interruption, since the
/// register may have lost it. Any thread.
/// </remarks>
internal sealed class StreamTracker : SupervisedService
{
    /// <summary>After so long everything is written anew.</summary>
    public static readonly TimeSpan Renewal = TimeSpan.FromMinutes(10);

    private const int EntriesPerWrite = 500;

    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private readonly Dictionary<StreamName, TrackedStream> _changed = [];
    private readonly IStreamRegister _register;
    private readonly OpenStreams _streams;
    private readonly ReplicaFigures _figures;
    private readonly StreamActions _actions;
    private readonly ControlChannel _control;
    private readonly IBackplane _backplane;
    private readonly TimeProvider _time;
    private readonly SseOptions _options;
    private readonly int _limit;
    private volatile bool _mustRenew;
    private long _renewedAt;

    public StreamTracker(
        IStreamRegister register, OpenStreams streams, ConnectionRegistry connections, ReplicaFigures figures, StreamActions actions, ControlChannel control,
        IBackplane backplane, IOptions<SseOptions> options, TimeProvider time, Supervision supervision)
        : base(supervision)
    {
        (_register, _streams, _figures, _actions, _control, _backplane, _time) = (register, streams, figures, actions, control, backplane, time);
        _options = options.Value;
        _limit = _options.MaxStreamsPerUser;
        _renewedAt = time.GetTimestamp();
        if (!IsTracking)
            return;
        connections.StreamEnded += Leave;
        backplane.Restored += OnRestored;
    }

    /// <summary>Whether the register is kept at all.</summary>
    public bool IsTracking => _limit > 0 || _options.TrackUsers;

    /// <summary>Whether the answer to a new stream of a user depends on the register.</summary>
    public bool MustAsk => _limit > 0 && _options.UserLimit == SseUserLimitPolicy.RefuseNewest;

    private bool Evicts => _limit > 0 && _options.UserLimit == SseUserLimitPolicy.EndOldest;

    /// <summary>Enters a stream before its answer, where that depends on it; false when it is refused.</summary>
    public async Task<bool> TryEnterAsync(Connection connection, CancellationToken cancellationToken)
    {
        if (!MustAsk || connection.User is not { } user)
            return true;
        var entry = EntryOf(connection, user, isOpen: true);
        try
        {
            return await _register.EnterAsync(entry, _limit, evict: false, cancellationToken) is not null;
        }
        catch (SseUnavailableException)
        {
            Change(entry);
            return true;
        }
    }

    /// <summary>Enters a stream that has begun; nothing is to be done where it was entered before.</summary>
    public void Enter(Connection connection)
    {
        if (!IsTracking || MustAsk || connection.User is not { } user)
            return;
        Change(EntryOf(connection, user, isOpen: true));

        // It may have ended before it was entered: then nobody else removes it.
        if (connection.IsEnded)
            Leave(connection);
    }

    /// <summary>Removes a stream that ended, or that was entered and did not begin.</summary>
    public void Leave(Connection connection)
    {
        if (IsTracking && connection.User is { } user)
            Change(EntryOf(connection, user, isOpen: false));
    }

    /// <summary>Takes the last streams out, as far as the register can be reached; what stays in does not count without this replica.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await WriteChangesAsync(cancellationToken);
        }
        catch (Exception e) when (e is SseUnavailableException or OperationCanceledException)
        {
            // The host has waited long enough, or there is nobody to write to.
        }
    }

    public override void Dispose()
    {
        _backplane.Restored -= OnRestored;
        base.Dispose();
    }

    protected override Task RunAsync(CancellationToken stoppingToken) => RepeatAsync(Turn, WriteAllAsync, stoppingToken);

    private TrackedStream EntryOf(Connection connection, string user, bool isOpen) =>
        new(user, new StreamName(_figures.Instance, connection.Number), _figures.OpenedMs(connection), isOpen);

    private void Change(TrackedStream entry)
    {
        lock (_gate)
        {
            // What opened and ended within one turn is never written.
            if (!entry.IsOpen && _changed.TryGetValue(entry.Stream, out var unwritten) && unwritten.IsOpen)
                _changed.Remove(entry.Stream);
            else
                _changed[entry.Stream] = entry;
        }

        if (_limit > 0)
            WorkNow();
    }

    private TrackedStream[] TakeChanges()
    {
        lock (_gate)
        {
            var taken = _changed.Values.Take(EntriesPerWrite).ToArray();
            foreach (var entry in taken)
                _changed.Remove(entry.Stream);
            return taken;
        }
    }

    private async Task WriteAllAsync(CancellationToken stopping)
    {
        if (_mustRenew || _time.GetElapsedTime(_renewedAt) >= Renewal)
            await RenewAsync(stopping);
        await WriteChangesAsync(stopping);
    }

    private async Task WriteChangesAsync(CancellationToken cancellationToken)
    {
        while (TakeChanges() is { Length: > 0 } entries)
        {
            try
            {
                await WriteAsync(entries, cancellationToken);
            }
            catch
            {
                lock (_gate)
                {
                    foreach (var entry in entries)
                        _changed.TryAdd(entry.Stream, entry);
                }

                throw;
            }
        }
    }

    private async Task WriteAsync(TrackedStream[] entries, CancellationToken cancellationToken)
    {
        var asked = Array.FindAll(entries, entry => Evicts && entry.IsOpen);
        if (asked.Length < entries.Length)
            await _register.WriteAsync([.. entries.Except(asked)], cancellationToken);
        var ended = await Task.WhenAll(asked.Select(entry => _register.EnterAsync(entry, _limit, evict: true, cancellationToken)));
        foreach (var stream in ended.SelectMany(streams => streams!))
            await EndAsync(stream, cancellationToken);
    }

    private async Task EndAsync(StreamName stream, CancellationToken cancellationToken)
    {
        var message = new ControlMessage(_figures.Instance, ControlKind.End, SseTarget.Connection(stream.ToString()).ToString()) { Reason = SseDisconnectReason.Replaced };
        if (stream.Instance == _figures.Instance)
            await _actions.DoAsync(message);
        else
            await _control.TellAsync(message, cancellationToken);
    }

    private async Task RenewAsync(CancellationToken stopping)
    {
        _mustRenew = false;
        try
        {
            var open = _streams.All.Select(stream => stream.Connection).Where(connection => connection is { User: not null, IsEnded: false });
            foreach (var entries in open.Select(connection => EntryOf(connection, connection.User!, isOpen: true)).Chunk(EntriesPerWrite))
            {
                await _register.WriteAsync(entries, stopping);

                // Drops what replicas left behind that were killed: a user who is never asked for would keep it for good.
                await Task.WhenAll(entries.Select(entry => entry.User).Distinct().Select(user => _register.CountElsewhereAsync(user, stopping)));
            }

            _renewedAt = _time.GetTimestamp();
        }
        catch
        {
            _mustRenew = true;
            throw;
        }
    }

    private void OnRestored() => _mustRenew = true;
}
