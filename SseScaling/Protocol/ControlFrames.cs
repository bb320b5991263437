using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SseScaling.Protocol;

/// <summary>The blocks of an event stream that carry no published event.</summary>
internal static class ControlFrames
{
    /// <summary>A comment: keeps proxies and clients from taking an idle stream for a dead one.</summary>
    public static readonly Frame Heartbeat = Text(": heartbeat\n\n");

    /// <summary>
    /// The first block of a stream: a comment, the reconnect delay, and where the stream stands. A block with an id but no data dispatches no
    /// event, but sets the client's last event id: a client that drops before its first event still resumes exactly.
    /// </summary>
    /// <param name="retry">The reconnect delay.</param>
    /// <param name="id">Where the stream stands; null while that is unknown.</param>
    /// <param name="form">How the client takes it.</param>
    public static string Preamble(TimeSpan retry, string? id, PositionForm form = PositionForm.Plain) =>
        $": connected\nretry: {(long)retry.TotalMilliseconds}\n{(id is null ? "" : Id(id, form))}\n";

    /// <summary>The last block of a stream that the server ends.</summary>
    /// <param name="retry">When to come back.</param>
    /// <param name="forGood">Whether whoever does is sent away for good: without data the block dispatches no event, but the client comes back with its id.</param>
    /// <param name="form">How the client takes an id.</param>
    public static Frame Farewell(TimeSpan retry, bool forGood = false, PositionForm form = PositionForm.Plain) =>
        Text($"retry: {(long)retry.TotalMilliseconds}\n{(forGood ? Id(LastEventId.End, form) : "")}\n");

    /// <summary>The last block of a stream that gave way to a newer one of its user: who is not told comes back, and has the next one give way.</summary>
    /// <param name="retry">When an EventSource comes back whose page does nothing about it.</param>
    /// <param name="limit">How many streams a user may have.</param>
    public static Frame Replaced(TimeSpan retry, int limit) =>
        Text(string.Create(CultureInfo.InvariantCulture, $"event: replaced\ndata: {{\"limit\":{limit}}}\nretry: {(long)retry.TotalMilliseconds}\n\n"));

    /// <summary>Tells that the stream's right ends, so that a page renews its cookie, or extends the stream with a new token.</summary>
    /// <param name="expiresAt">When it ends; the stream ends a little before.</param>
    /// <param name="connection">The stream's id, by which it can be extended.</param>
    public static Frame Reauthenticate(DateTimeOffset expiresAt, string connection) => Text(string.Create(
        CultureInfo.InvariantCulture, $"event: reauthenticate\ndata: {{\"expiresAt\":\"{expiresAt.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffZ}\",\"id\":{JsonSerializer.Serialize(connection, ControlJson.Default.String)}}}\n\n"));

    /// <summary>Tells that the right to a topic has fallen away: nothing more comes of it.</summary>
    public static Frame Revoked(string topic) => Text($"event: revoked\ndata: {{\"topic\":{JsonSerializer.Serialize(topic, ControlJson.Default.String)}}}\n\n");

    /// <summary>A heartbeat that also moves the client's last event id, for streams whose events were all filtered out.</summary>
    public static Frame Position(string id, PositionForm form = PositionForm.Plain) => Text($": heartbeat\n{Id(id, form)}\n");

    /// <summary>Tells that history no longer holds what was missed. It stands in the stream, since a browser's EventSource sees no headers.</summary>
    /// <param name="topic">The topic that has the hole.</param>
    /// <param name="gap">What is known of the hole.</param>
    /// <param name="id">The position behind the hole, so that the gap is told once; null when there is none.</param>
    public static Frame Gap(string topic, Gap gap, string? id)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("topic", topic);
            Write(json, "from", gap.From);
            Write(json, "to", gap.To);
            json.WriteEndObject();
        }

        return Text($"{(id is null ? "" : $"id: {id}\n")}event: gap\ndata: {Encoding.UTF8.GetString(buffer.ToArray())}\n\n");
    }

    public static Frame Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return new Frame(bytes, 0, bytes.Length);
    }

    private static string Id(string id, PositionForm form) => form == PositionForm.Event ? $"event: position\nid: {id}\ndata:\n" : $"id: {id}\n";

    private static void Write(Utf8JsonWriter json, string name, EventPosition? position)
    {
        if (position is { } known)
            json.WriteString(name, known.ToString());
        else
            json.WriteNull(name);
    }
}

/// <summary>How a client is told of its position without an event that was published.</summary>
internal enum PositionForm : byte
{
    /// <summary>By an id without data, as the HTML standard has it: no event.</summary>
    Plain,

    /// <summary>
    /// By an event <c>position</c> without data. npm's <c>eventsource-parser</c> 3 (<c>eventsource</c> 3 and 4, <c>eventsource-client</c>) drops the id of a block without data;
    /// a client on it that loses its connection before its first event would miss what comes meanwhile, in silence. No page's <c>onmessage</c> sees a named event.
    /// </summary>
    Event,
}

/// <summary>How the strings of these blocks are written, without reflection.</summary>
[JsonSerializable(typeof(string))]
internal sealed partial class ControlJson : JsonSerializerContext;
