using System.Text;
using System.Text.Json;

namespace SseScaling.Api.Http;

/// <summary>The body of <c>POST /api/publish</c>: one event, or an array of them.</summary>
/// <remarks>
/// <code>
/// {"topic": string, "data": JSON, "event"?: string, "key"?: string, "durable"?: boolean, "collapse"?: string}
/// </code>
/// The data is taken byte for byte out of the body, which is why this is read by hand: a serializer would write it anew.
/// </remarks>
internal static class PublishRequest
{
    /// <summary>The largest body in bytes.</summary>
    public const int MaxBody = 64 << 10;

    private const int MaxName = 256;

    /// <summary>Reads a body.</summary>
    /// <param name="body">All of it; the drafts' data share the memory.</param>
    /// <param name="error">What the caller should change, when the result is null.</param>
    public static List<SseEvent>? Read(ReadOnlyMemory<byte> body, out string error)
    {
        if (!System.Text.Unicode.Utf8.IsValid(body.Span))
        {
            error = "The body is no valid UTF-8: send JSON in UTF-8.";
            return null;
        }

        var reader = new Utf8JsonReader(body.Span);
        var drafts = new List<SseEvent>(1);
        error = "";
        try
        {
            reader.Read();
            if (reader.TokenType == JsonTokenType.StartArray)
            {
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    drafts.Add(ReadOne(ref reader, body));
            }
            else
            {
                drafts.Add(ReadOne(ref reader, body));
            }

            if (reader.Read())
                throw new FormatException("Something follows the JSON value: send one event or one array.");
            if (drafts.Count == 0)
                throw new FormatException("The array is empty: send at least one event.");
            return drafts;
        }
        catch (JsonException e)
        {
            error = $"The body is no valid JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}): send an event or an array of events.";
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException)
        {
            error = e is FormatException ? e.Message : "The body contains text that is no valid Unicode.";
        }

        return null;
    }

    private static SseEvent ReadOne(ref Utf8JsonReader reader, ReadOnlyMemory<byte> body)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new FormatException("An event is an object: {\"topic\":\"notifications:42\",\"data\":{}}.");
        string? topic = null, name = null, key = null, collapse = null;
        ReadOnlyMemory<byte>? data = null;
        var durable = true;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var property = reader.GetString()!;
            reader.Read();
            switch (property)
            {
                case "topic":
                    topic = Text(ref reader, property);
                    break;
                case "event":
                    name = reader.TokenType == JsonTokenType.Null ? null : Name(Text(ref reader, property));
                    break;
                case "key":
                    key = reader.TokenType == JsonTokenType.Null ? null : Key(Text(ref reader, property), property);
                    break;
                case "collapse":
                    collapse = reader.TokenType == JsonTokenType.Null ? null : Key(Text(ref reader, property), property);
                    break;
                case "durable":
                    durable = reader.TokenType is JsonTokenType.True or JsonTokenType.False
                        ? reader.GetBoolean()
                        : throw new FormatException("The field 'durable' is true or false.");
                    break;
                case "data":
                    var start = (int)reader.TokenStartIndex;
                    reader.Skip();
                    data = body[start..(int)reader.BytesConsumed];
                    break;
                default:
                    throw new FormatException($"The field '{property}' is unknown: an event has topic, data, event, key, durable and collapse.");
            }
        }

        if (TopicName.Problem(topic) is { } problem)
            throw new FormatException(topic is null ? "The field 'topic' is missing." : problem);
        if (data is null)
            throw new FormatException("The field 'data' is missing: it is the JSON that clients get.");
        return new SseEvent(topic!, data.Value) { Type = name, Key = key, Durable = durable, Collapse = collapse };
    }

    private static string Text(ref Utf8JsonReader reader, string property) => reader.TokenType == JsonTokenType.String
        ? reader.GetString()!
        : throw new FormatException($"The field '{property}' is a string.");

    private static string? Name(string name)
    {
        if (Encoding.UTF8.GetByteCount(name) > MaxName || name.Any(char.IsControl))
            throw new FormatException($"The field 'event' has at most {MaxName} bytes and no control characters.");
        return name.Length == 0 ? null : name;
    }

    private static string Key(string key, string property) =>
        key.Length > 0 && Encoding.UTF8.GetByteCount(key) <= MaxName && !key.Any(char.IsControl)
            ? key
            : throw new FormatException($"The field '{property}' has 1 to {MaxName} bytes and no control characters.");
}
