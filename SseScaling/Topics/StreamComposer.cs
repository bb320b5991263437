using System.Diagnostics.CodeAnalysis;
using System.Text;
using SseScaling.Connections;
using SseScaling.Protocol;

namespace SseScaling.Topics;

/// <summary>
/// Makes the frames of one connection that cannot share them: its id line names a position for each of its topics, only the events that it
/// wants pass, and a window makes one event of several. The events' bodies stay those that were encoded once.
/// </summary>
/// <remarks>Two topics may deliver at once: whoever calls a member holds the lock of the subscription set. Nothing is delivered once it is closed.</remarks>
[SuppressMessage("Design", "CA1001", Justification = "Close, which every composer meets in the end, disposes the timer.")]
internal sealed class StreamComposer
{
    private readonly Connection _connection;
    private readonly StreamPlan _plan;
    private readonly BatchWindow? _window;
    private readonly ITimer? _timer;
    private readonly Lock _gate;
    private readonly uint[] _tags;
    private readonly EventPosition[] _positions;
    private bool _hasUnsentPosition;

    /// <param name="connection">Where the frames go.</param>
    /// <param name="subscriptions">The topics, in the order of their slots.</param>
    /// <param name="plan">Which of their events pass, and what becomes one.</param>
    /// <param name="gate">The set's lock.</param>
    public StreamComposer(Connection connection, Subscription[] subscriptions, StreamPlan plan, Lock gate)
    {
        _gate = gate;
        _connection = connection;
        _plan = plan;
        _tags = [.. subscriptions.Select(s => LastEventId.Tag(s.Topic.Name))];
        _positions = [.. subscriptions.Select(s => s.Resume ?? EventPosition.None)];
        if (plan.Window == TimeSpan.Zero)
            return;
        _window = new BatchWindow(plan.Window);
        _timer = connection.Time.CreateTimer(
            static composer => ((StreamComposer)composer!).EndWindow(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Where the stream stands in each topic, by slot. What waits in the window counts as not seen.</summary>
    public ReadOnlySpan<EventPosition> Positions => _positions;

    public void Set(int slot, EventPosition position) => _positions[slot] = position;

    public string Id()
    {
        _hasUnsentPosition = false;
        var id = new byte[LastEventId.MaxLength(_tags.Length)];
        return Encoding.ASCII.GetString(id, 0, Format(id));
    }

    /// <summary>Sends the wanted events of a batch from one index up to another (exclusive), or puts them into the window.</summary>
    public void Deliver(int slot, EncodedBatch batch, int from, int to)
    {
        if (_window is null)
            SendEach(slot, batch, from, to);
        else
            Collect(_window, slot, batch, from, to);
    }

    /// <summary>A heartbeat, which tells the stream's position where filtered events moved it unseen. Behind events that wait nothing is told.</summary>
    public void SendHeartbeat() =>
        _connection.Send(_hasUnsentPosition && _window is not { IsEmpty: false } ? ControlFrames.Position(Id(), _connection.PositionForm) : ControlFrames.Heartbeat);

    /// <summary>Sends what waits, and tells of a hole behind it.</summary>
    public void SendGap(Subscription subscription, Gap gap, EventPosition behind)
    {
        Flush();
        Set(subscription.Slot, behind);
        _connection.Send(ControlFrames.Gap(subscription.Topic.Name, gap, Id()));
    }

    /// <summary>Sends what waits in the window.</summary>
    private void Flush()
    {
        if (_window is { IsEmpty: false } window)
            _connection.Send(window.Take(_hasUnsentPosition ? Id() : null));
    }

    /// <summary>Sends what waits.</summary>
    public void Close()
    {
        Flush();
        _timer?.Dispose();
    }

    private void SendEach(int slot, EncodedBatch batch, int from, int to)
    {
        var id = new byte[LastEventId.MaxLength(_tags.Length)];
        var composed = new MemoryStream();
        var events = 0;
        for (var i = from; i < to; i++)
        {
            var position = batch.Events[i].Position;
            if (!position.IsNone)
                _positions[slot] = position;
            if (!_plan.Wants(batch, i))
            {
                _hasUnsentPosition |= !position.IsNone;
                continue;
            }

            if (!position.IsNone)
            {
                composed.Write("id: "u8);
                composed.Write(id, 0, Format(id));
                composed.WriteByte((byte)'\n');
                _hasUnsentPosition = false;
            }

            composed.Write(batch.Body(i));
            events++;
        }

        if (events > 0)
            _connection.Send(new Frame(composed.GetBuffer(), 0, (int)composed.Length, events));
    }

    private void Collect(BatchWindow window, int slot, EncodedBatch batch, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            var wanted = _plan.Wants(batch, i);
            var fits = batch.IsJson(i) && window.Takes(batch, i);

            // Before the position moves: the id of what waits must not name an event behind it.
            if (wanted && !fits)
                Flush();
            if (wanted && !batch.IsJson(i))
            {
                SendEach(slot, batch, i, i + 1);
                continue;
            }

            if (batch.Events[i].Position is { IsNone: false } position)
            {
                _positions[slot] = position;
                _hasUnsentPosition = true;
            }

            if (wanted)
                Add(window, batch, i);
        }
    }

    private void Add(BatchWindow window, EncodedBatch batch, int index)
    {
        if (window.IsEmpty)
            _timer!.Change(window.Length, Timeout.InfiniteTimeSpan);
        window.Add(batch, index);
        if (window.IsFull)
            Flush();
    }

    private void EndWindow()
    {
        lock (_gate)
            Flush();
    }

    private int Format(Span<byte> id) => _tags.Length == 1 ? _positions[0].Format(id) : LastEventId.Format(_tags, _positions, id);
}
