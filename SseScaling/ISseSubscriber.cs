using System.Diagnostics.CodeAnalysis;
using System.Net.ServerSentEvents;
using System.Text.Json.Serialization.Metadata;

namespace SseScaling;

/// <summary>
/// Events for code in this process, with what streams promise: each durable event once and in order through any interruption of the backplane, and a <c>gap</c> where
/// history no longer holds what was missed. Any thread; one reader for each enumeration.
/// </summary>
/// <remarks>
/// <para>
/// An enumeration begins with its first <c>MoveNextAsync</c>, and ends when its token is cancelled or the host stops. A reader that lags behind costs
/// <see cref="SseOptions.MaxQueuedBytes"/>, and then what history costs: it goes on behind the last event that it took.
/// </para>
/// <para>
/// <see cref="SseItem{T}.EventId"/> says where to go on (<see cref="SseSubscription.LastEventId"/>). A gap is an item of the type <c>gap</c> whose data are
/// the default of T, or, where T is <c>JsonElement</c> and in UTF-8, the JSON <c>{"topic","from","to"}</c>. Data that are no T end the enumeration with a
/// <see cref="System.Text.Json.JsonException"/>.
/// </para>
/// <para>Composes with <c>TypedResults.ServerSentEvents</c>, whose streams cost more than those of <c>MapSse</c>.</para>
/// </remarks>
public interface ISseSubscriber
{
    /// <summary>The events of a topic from now on.</summary>
    /// <param name="topic">1 to 256 bytes of UTF-8 without control characters.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <exception cref="ArgumentException">The topic's name is none.</exception>
    [RequiresUnreferencedCode("Deserializes by reflection where the options have no metadata for the type: pass its JsonTypeInfo.")]
    [RequiresDynamicCode("Deserializes by reflection where the options have no metadata for the type: pass its JsonTypeInfo.")]
    IAsyncEnumerable<SseItem<T>> SubscribeAsync<T>(string topic, CancellationToken cancellationToken = default);

    /// <summary>The events of some topics, from now on or behind an event.</summary>
    /// <param name="subscription">Which.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <exception cref="ArgumentException">A topic's name is none, there are none or over 100, or the id is none of such a stream.</exception>
    [RequiresUnreferencedCode("Deserializes by reflection where the options have no metadata for the type: pass its JsonTypeInfo.")]
    [RequiresDynamicCode("Deserializes by reflection where the options have no metadata for the type: pass its JsonTypeInfo.")]
    IAsyncEnumerable<SseItem<T>> SubscribeAsync<T>(SseSubscription subscription, CancellationToken cancellationToken = default);

    /// <summary>The same by the given metadata: for trimmed and natively compiled applications.</summary>
    /// <inheritdoc cref="SubscribeAsync{T}(SseSubscription, CancellationToken)"/>
    IAsyncEnumerable<SseItem<T>> SubscribeAsync<T>(SseSubscription subscription, JsonTypeInfo<T> jsonTypeInfo, CancellationToken cancellationToken = default);

    /// <summary>The same with the data as they were published.</summary>
    /// <inheritdoc cref="SubscribeAsync{T}(SseSubscription, CancellationToken)"/>
    IAsyncEnumerable<SseItem<ReadOnlyMemory<byte>>> SubscribeUtf8Async(SseSubscription subscription, CancellationToken cancellationToken = default);

    /// <summary>The ids behind which topics would go on now, in the order asked; <c>0-0</c> for one without durable events.</summary>
    /// <exception cref="SseUnavailableException">The backplane is away.</exception>
    Task<IReadOnlyList<string>> GetLastIdsAsync(IReadOnlyList<string> topics, CancellationToken cancellationToken = default);
}
