using System.Text.Json;
using System.Text.Json.Serialization;

namespace SseScaling.Endpoints;

/// <summary>One event of a publishing request.</summary>
// Settable: the generated reader would set what is missing to its type's default, not to the property's.
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed class PublishItem
{
    /// <summary>Its topic: 1 to 256 bytes of UTF-8 without control characters.</summary>
    public string Topic { get; set; } = null!;

    /// <summary>The JSON that clients get, byte for byte.</summary>
    public JsonElement Data { get; set; }

    /// <summary>The SSE event name; none: <c>onmessage</c> gets it.</summary>
    public string? Event { get; set; }

    /// <summary>Idempotency key.</summary>
    public string? Key { get; set; }

    /// <summary>Whether it is kept and gets an id.</summary>
    public bool Durable { get; set; } = true;

    /// <summary>Of the events with the same one that wait in a batch window only the latest is delivered.</summary>
    public string? Collapse { get; set; }
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
