using System.Text;
using System.Text.Json;
using SseScaling.Connections;
using SseScaling.LoadTest.Clients;
using SseScaling.Protocol;
using SseScaling.Topics;
using Xunit;

namespace SseScaling.Tests.Model;

/// <summary>
/// A browser that knows what it must get: of each topic the event behind the one it had, or a gap that begins there, names what is really gone,
/// and ends where the stream goes on. Fails at the first thing that is neither.
/// </summary>
internal sealed class ModelClient(string name, ModelTopic[] topics) : ISseSink
{
    private readonly Dictionary<string, EventPosition> _positions = [];
    private ModelConnection? _connection;
    private SseParser _parser;
    private string? _lastEventId;
    private bool _isStalled;

    public bool IsConnected => _connection is { IsEnded: false };

    public void Connect(OpenStreams streams, ConnectionRegistry registry)
    {
        if (IsConnected)
            return;
        Drop();
        _isStalled = false;
        Assert.True(registry.TryReserve());
        _connection = new ModelConnection(registry, name);
        var resume = _lastEventId is null ? null : LastEventId.Parse(_lastEventId);
        Assert.True((_lastEventId is null) == (resume is null), $"{name}: its own id {_lastEventId} is not understood.");
        streams.Open(_connection, StreamPlan.Of(Array.ConvertAll(topics, topic => topic.Name), resume));
        registry.Add(_connection);
    }

    public void Drop()
    {
        _connection?.End(SseDisconnectReason.Client);
        Read();
        _parser.Reset();
        _connection = null;
    }

    public void Stall(bool? stalled = null)
    {
        _isStalled = stalled ?? !_isStalled;
        _connection?.Stall(_isStalled);
    }

    /// <summary>Looks at what arrived.</summary>
    public void Read()
    {
        if (_connection?.Take() is { Length: > 0 } bytes)
            _parser.Feed(bytes, this);
    }

    /// <summary>Whether the client stands at the end of all its topics.</summary>
    public bool IsComplete() => Array.TrueForAll(topics, topic => _positions.TryGetValue(topic.Name, out var position) && position == topic.Head);

    public void OnEvent(in ReceivedEvent received)
    {
        if (!received.HasId)
        {
            Assert.StartsWith("\"plain", Encoding.UTF8.GetString(received.Data), StringComparison.Ordinal);
            return;
        }

        _lastEventId = Encoding.ASCII.GetString(received.Id);
        var id = LastEventId.Parse(_lastEventId);
        Assert.True(id is not null, $"{name} got the id {_lastEventId}.");
        var data = Encoding.UTF8.GetString(received.Data);
        var moved = data.Length == 0 ? null : received.Name.SequenceEqual("gap"u8) ? TakeGap(data, id) : TakeEvent(data, id);
        foreach (var topic in topics.Where(topic => topic != moved))
        {
            var position = id.For(topic.Name)!.Value;
            Assert.True(_positions.TryAdd(topic.Name, position) || _positions[topic.Name] == position,
                $"{name}: the id moved {topic.Name} to {position} without an event; it had {_positions[topic.Name]}.");
        }
    }

    public void OnRetry(int milliseconds)
    {
    }

    public void OnComment()
    {
    }

    public override string ToString() => $"{name} at {_lastEventId ?? "nothing"}, {(IsConnected ? "connected" : "not connected")}";

    private ModelTopic TakeEvent(string data, LastEventId id)
    {
        var topic = Find(data.Trim('"').Split('/')[0]);
        var (before, position) = (_positions[topic.Name], id.For(topic.Name)!.Value);
        Assert.True(before.IsNone ? position.Offset == 1 : position == before.Next, $"{name} got {data} at {position} of {topic.Name} behind {before}.");
        Assert.Equal(topic.DataAt(position), data);
        _positions[topic.Name] = position;
        return topic;
    }

    private ModelTopic TakeGap(string data, LastEventId id)
    {
        using var gap = JsonDocument.Parse(data);
        var topic = Find(gap.RootElement.GetProperty("topic").GetString()!);
        var (before, behind) = (_positions[topic.Name], id.For(topic.Name)!.Value);
        var what = $"{name} got the gap {data} with {_lastEventId}, behind {before}; the stream ends at {topic.Head}";
        Assert.True(EventPosition.TryParse(gap.RootElement.GetProperty("from").GetString(), out var from), what);
        Assert.True(before.IsNone ? from == new EventPosition(behind.Epoch, 1) : from == before.Next, what);
        if (EventPosition.TryParse(gap.RootElement.GetProperty("to").GetString(), out var to))
            Assert.True(to == behind && topic.IsGone(from.Epoch == to.Epoch ? from : to with { Offset = 1 }, to), what);
        else
            Assert.True(behind.Offset == 0, what);
        Assert.True(from.Epoch == behind.Epoch || from.Epoch != topic.Head.Epoch, what);
        _positions[topic.Name] = behind;
        return topic;
    }

    private ModelTopic Find(string topic) => topics.Single(known => known.Name == topic);
}
