using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization.Metadata;

namespace SseScaling;

/// <summary>Publishes events to all streams on their topics, of every process on the same backplane. Any thread.</summary>
/// <remarks>
/// A call completes once the backplane has taken the event. Events of one call keep their order; two calls at a time have none. All members throw
/// <see cref="SseUnavailableException"/> when the backplane is away or refuses: the event may then still have been published, and repeating the call is only free of
/// duplicates with a <see cref="SseEvent.Key"/>. <see cref="ArgumentException"/> says what a topic or field must not hold.
/// </remarks>
public interface ISsePublisher
{
    /// <summary>Publishes a value as JSON, by the serializer options of the application's minimal APIs (<c>ConfigureHttpJsonOptions</c>).</summary>
    /// <param name="topic">The topic: 1 to 256 bytes of UTF-8 without control characters.</param>
    /// <param name="data">The value.</param>
    /// <param name="options">Its event name, key and the like; null: none.</param>
    /// <param name="cancellationToken">Gives up waiting; the event may still be published.</param>
    [RequiresUnreferencedCode("Serializes by reflection where the options have no metadata for the type: pass its JsonTypeInfo.")]
    [RequiresDynamicCode("Serializes by reflection where the options have no metadata for the type: pass its JsonTypeInfo.")]
    Task<SsePublished> PublishAsync<T>(string topic, T data, SsePublishOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Publishes a value as JSON, by the given metadata: for trimmed and natively compiled applications.</summary>
    /// <inheritdoc cref="PublishAsync{T}(string, T, SsePublishOptions, CancellationToken)"/>
    Task<SsePublished> PublishAsync<T>(
        string topic, T data, SsePublishOptions? options, JsonTypeInfo<T> jsonTypeInfo, CancellationToken cancellationToken = default);

    /// <summary>Publishes UTF-8 as it is: JSON that exists already, or any text. Nobody checks it.</summary>
    /// <inheritdoc cref="PublishAsync{T}(string, T, SsePublishOptions, CancellationToken)"/>
    Task<SsePublished> PublishUtf8Async(
        string topic, ReadOnlyMemory<byte> data, SsePublishOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Publishes several events in order, in as few round trips as that takes. The results stand in the same order.</summary>
    /// <param name="events">The events. Their data must not change before the call has completed.</param>
    /// <param name="cancellationToken">Gives up waiting; some events may still be published.</param>
    Task<IReadOnlyList<SsePublished>> PublishAsync(IReadOnlyList<SseEvent> events, CancellationToken cancellationToken = default);
}
