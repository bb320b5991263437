using System.Text.Json;
using System.Text.Json.Serialization;

namespace SseScaling.Cluster;

/// <summary>What a control message is about. A name that a replica does not know is of a newer version: it passes over the message.</summary>
internal enum ControlKind
{
    /// <summary>The answer to a question, addressed to who asked.</summary>
    Answer,

    /// <summary>Streams shall end.</summary>
    End,

    /// <summary>Streams shall listen to one more topic.</summary>
    Join,

    /// <summary>Streams shall no longer listen to a topic that they joined.</summary>
    Leave,

    /// <summary>Streams shall read their plans anew.</summary>
    Refresh,

    /// <summary>Streams are to be listed.</summary>
    List,

    /// <summary>Streams are to be counted.</summary>
    Count,

    /// <summary>A stream is to say whose right it is open by, and which topics that right is about.</summary>
    AskRight,

    /// <summary>A stream goes on by another right of the same user.</summary>
    Renew,
}

/// <summary>What replicas tell each other on <see cref="ControlChannel.Topic"/>.</summary>
/// <param name="From">The replica that says it.</param>
/// <param name="Kind">What it is about.</param>
/// <param name="Target">The streams that are meant: <see cref="SseTarget.ToString"/>.</param>
internal sealed record ControlMessage(string From, ControlKind Kind, string? Target = null)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>The topic to join or to leave.</summary>
    public string? Topic { get; init; }

    /// <summary>The topics that a right is about, or that it is not about any more.</summary>
    public IReadOnlyList<string>? Topics { get; init; }

    /// <summary>The user of a right.</summary>
    public string? User { get; init; }

    /// <summary>The name of a right's token.</summary>
    public string? TokenId { get; init; }

    /// <summary>When a right was issued.</summary>
    public DateTimeOffset? IssuedAt { get; init; }

    /// <summary>When a right expires.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Only streams end whose right was issued before (Unix ms); 0: all.</summary>
    public long IssuedBeforeMs { get; init; }

    /// <summary>Why streams end.</summary>
    public SseDisconnectReason Reason { get; init; }

    /// <summary>Whether their clients shall not come back.</summary>
    public bool ForGood { get; init; }

    /// <summary>The number of the question, by which its answers are known; 0: none is wanted.</summary>
    public long Question { get; init; }

    /// <summary>How many streams an answer is about. One that lists them comes in parts, in any order, each with the count of all.</summary>
    public int Count { get; init; }

    /// <summary>Some of them, where they were to be listed.</summary>
    public IReadOnlyList<SseConnection>? Connections { get; init; }

    /// <summary>Reads a message; null for what no version of this one would have written.</summary>
    public static ControlMessage? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize<ControlMessage>(json, Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, Json);
}
