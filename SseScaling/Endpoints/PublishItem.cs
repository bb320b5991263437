using System.Text.Json;
using System.Text.Json.Serialization;

namespace SseScaling.Endpoints;

/// <summary>One event of a publishing request.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record PublishItem
{
    /// <summary>Its topic: 1 to 256 bytes of UTF-8 without control characters.</summary>
    public string Topic { get; init; } = null!;

    /// <summary>The JSON that clients get, byte for byte.</summary>
    public JsonElement Data { get; init; }

    /// <summary>The SSE event name; none: <c>onmessage</c> gets it.</summary>
    public string? Event { get; init; }

    /// <summary>Idempotency key.</summary>
    public string? Key { get; init; }

    /// <summary>Whether it is kept and gets an id.</summary>
    public bool Durable { get; init; } = true;

    /// <summary>Of the events with the same one that wait in a batch window only the latest is delivered.</summary>
    public string? Collapse { get; init; }
}

/// <summary>What became of one event.</summary>
/// <param name="Topic">Its topic.</param>
/// <param name="Id">Its id; null when it is not durable, or not published.</param>
/// <param name="Filtered">Whether it was left out, since nobody wants it.</param>
internal sealed record PublishAnswer(
    string Topic, string? Id, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Filtered = false);

/// <summary>How these are read and written, without reflection.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNameCaseInsensitive = false, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(PublishItem))]
[JsonSerializable(typeof(PublishAnswer[]))]
internal sealed partial class PublishJson : JsonSerializerContext;
