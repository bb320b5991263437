using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;
using SseScaling.Protocol;

namespace SseScaling.Endpoints;

/// <summary>The body of a publishing request: one <see cref="PublishItem"/>, or an array of them.</summary>
internal static class PublishRequest
{
    /// <summary>The largest body in bytes.</summary>
    public const int MaxBody = 64 << 10;

    // What readers of JSON take by default, .NET's among them.
    private const int MaxDepth = 64;

    /// <summary>Reads a body.</summary>
    /// <param name="body">All of it.</param>
    /// <param name="problem">What the caller should change, when the result is null.</param>
    public static SseEvent[]? Read(ReadOnlyMemory<byte> body, out string problem)
    {
        problem = Utf8.IsValid(body.Span) ? "" : "The body is no valid UTF-8: send JSON in UTF-8.";
        if (problem.Length > 0)
            return null;
        try
        {
            using var json = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = MaxDepth });
            var root = json.RootElement;
            SseEvent[] events = root.ValueKind == JsonValueKind.Array ? [.. root.EnumerateArray().Select(ReadOne)] : [ReadOne(root)];
            if (events.Length > 0)
                return events;
            problem = "The array is empty: send at least one event.";
        }
        catch (JsonException e)
        {
            problem = IsDeep(body)
                ? $"The JSON is nested more than {MaxDepth} deep: flatten it."
                : $"The body is no valid JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}): send an event or an array of events.";
        }
        catch (FormatException e)
        {
            problem = e.Message;
        }

        return null;
    }

    private static bool IsDeep(ReadOnlyMemory<byte> body)
    {
        try
        {
            JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = MaxBody }).Dispose();
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static SseEvent ReadOne(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
            throw new FormatException("An event is an object: {\"topic\":\"notifications:42\",\"data\":{}}.");
        PublishItem item;
        try
        {
            item = json.Deserialize(PublishJson.Default.PublishItem)!;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new FormatException(ProblemOf(json, e), e);
        }

        if (item.Topic is null)
            throw new FormatException("The field 'topic' is missing.");
        if (item.Data.ValueKind == JsonValueKind.Undefined)
            throw new FormatException("The field 'data' is missing: it is the JSON that clients get.");
        var one = new SseEvent(item.Topic, JsonMarshal.GetRawUtf8Value(item.Data).ToArray())
        {
            Type = item.Event is "" ? null : item.Event,
            Key = item.Key,
            Durable = item.Durable,
            Collapse = item.Collapse,
        };
        return EventFields.Problem(one) is { } problem ? throw new FormatException(problem) : one;
    }

    /// <summary>What the serializer did not take, as a sentence.</summary>
    private static string ProblemOf(JsonElement json, Exception failure)
    {
        foreach (var property in json.EnumerateObject())
        {
            if (PublishJson.Default.PublishItem.Properties.All(known => known.Name != property.Name))
                return $"The field '{property.Name}' is unknown: an event has topic, data, event, key, durable and collapse.";
        }

        if (failure is not JsonException { Path: { Length: > 2 } path } || (path != "$.durable" && json.GetProperty(path[2..]).ValueKind == JsonValueKind.String))
            return "The body contains text that is no valid Unicode.";
        return path == "$.durable" ? "The field 'durable' is true or false." : $"The field '{path[2..]}' is a string.";
    }
}
