using System.Text;
using SseScaling.Api.Protocol;
using SseScaling.Messaging;

namespace SseScaling.Api.Hub;

/// <summary>
/// Makes the frames of one connection that cannot share them: its id line names a position for each of its topics, and only the types that it
/// asked for pass. The events' bodies stay those that were encoded once.
/// </summary>
/// <remarks>Two topics may deliver at once: whoever calls a member, and until the frame is sent, holds <see cref="Gate"/>.</remarks>
internal sealed class StreamComposer
{
    private readonly IReadOnlySet<string>? _types;
    private readonly uint[] _tags;
    private readonly StreamPosition[] _positions;

    public StreamComposer(Subscription[] subscriptions, IReadOnlySet<string>? types)
    {
        _types = types;
        _tags = [.. subscriptions.Select(s => LastEventId.Tag(s.Topic.Name))];
        _positions = [.. subscriptions.Select(s => s.Resume ?? StreamPosition.None)];
    }

    public Lock Gate { get; } = new();

    /// <summary>Whether events that were filtered out moved the position since the client last heard of it.</summary>
    public bool HasUnsentPosition { get; private set; }

    public void Set(int slot, StreamPosition position) => _positions[slot] = position;

    public string Id()
    {
        HasUnsentPosition = false;
        var id = new byte[LastEventId.MaxLength(_tags.Length)];
        return Encoding.ASCII.GetString(id, 0, Format(id));
    }

    /// <summary>Composes the wanted events; null when there are none.</summary>
    public Frame? Compose(int slot, EncodedBatch batch, int from, int to)
    {
        var id = new byte[LastEventId.MaxLength(_tags.Length)];
        var composed = new MemoryStream();
        var (events, published) = (0, 0L);
        for (var i = from; i < to; i++)
        {
            var position = batch.Events[i].Position;
            if (!position.IsNone)
                _positions[slot] = position;
            if (!Wants(batch, i))
            {
                HasUnsentPosition |= !position.IsNone;
                continue;
            }

            if (!position.IsNone)
            {
                composed.Write("id: "u8);
                composed.Write(id, 0, Format(id));
                composed.WriteByte((byte)'\n');
                HasUnsentPosition = false;
            }

            composed.Write(batch.Body(i));
            published = events++ == 0 ? batch.Events[i].PublishedMicros : published;
        }

        return events == 0 ? null : new Frame(composed.GetBuffer(), 0, (int)composed.Length, events, published);
    }

    private bool Wants(EncodedBatch batch, int index) => _types is null || (batch.TypeOf(index) is { } type && _types.Contains(type));

    private int Format(Span<byte> id) => _tags.Length == 1 ? _positions[0].Format(id) : LastEventId.Format(_tags, _positions, id);
}
