using System.Diagnostics.CodeAnalysis;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using SseScaling.Backplane;
using SseScaling.Connections;
using SseScaling.Protocol;
using SseScaling.Topics;

namespace SseScaling.Subscribing;

/// <summary>Reads topics as a client does, by the same subscriptions and the same wire form, without a network between.</summary>
internal sealed class TopicSubscriber(
    TopicRegistry topics, ConnectionRegistry connections, IBackplane backplane, IOptions<JsonOptions> json, IHostApplicationLifetime lifetime) : ISseSubscriber
{
    private const string Gap = "gap";

    private delegate T DataReader<T>(string type, ReadOnlySpan<byte> data);

    [RequiresUnreferencedCode("Deserializes by reflection where the options have no metadata for the type: pass its JsonTypeInfo.")]
    [RequiresDynamicCode("Deserializes by reflection where the options have no metadata for the type: pass its JsonTypeInfo.")]
    public IAsyncEnumerable<SseItem<T>> SubscribeAsync<T>(string topic, CancellationToken cancellationToken = default) =>
        SubscribeAsync<T>(new SseSubscription(topic), cancellationToken);

    [RequiresUnreferencedCode("Deserializes by reflection where the options have no metadata for the type: pass its JsonTypeInfo.")]
    [RequiresDynamicCode("Deserializes by reflection where the options have no metadata for the type: pass its JsonTypeInfo.")]
    public IAsyncEnumerable<SseItem<T>> SubscribeAsync<T>(SseSubscription subscription, CancellationToken cancellationToken = default) =>
        SubscribeAsync(subscription, (JsonTypeInfo<T>)json.Value.SerializerOptions.GetTypeInfo(typeof(T)), cancellationToken);

    public IAsyncEnumerable<SseItem<T>> SubscribeAsync<T>(
        SseSubscription subscription, JsonTypeInfo<T> jsonTypeInfo, CancellationToken cancellationToken = default) =>
        EnumerateAsync(Check(subscription), (type, data) => type == Gap && typeof(T) != typeof(JsonElement) ? default! : JsonSerializer.Deserialize(data, jsonTypeInfo)!, cancellationToken);

    public IAsyncEnumerable<SseItem<ReadOnlyMemory<byte>>> SubscribeUtf8Async(SseSubscription subscription, CancellationToken cancellationToken = default) =>
        EnumerateAsync<ReadOnlyMemory<byte>>(Check(subscription), (_, data) => data.ToArray(), cancellationToken);

    public async Task<IReadOnlyList<string>> GetLastIdsAsync(IReadOnlyList<string> topics, CancellationToken cancellationToken = default) =>
        [.. (await backplane.ReadHeadsAsync(topics, cancellationToken)).Select(head => head.ToString())];

    private static SseSubscription Check(SseSubscription subscription)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        if (subscription.Topics.Count is 0 or > TopicName.MaxPerStream)
            throw new ArgumentException($"A subscription has 1 to {TopicName.MaxPerStream} topics.", nameof(subscription));
        if (subscription.Topics.Select(TopicName.Problem).FirstOrDefault(problem => problem is not null) is { } problem)
            throw new ArgumentException(problem, nameof(subscription));
        _ = PlanOf(subscription, subscription.LastEventId);
        return subscription;
    }

    private static StreamPlan PlanOf(SseSubscription subscription, string? lastEventId)
    {
        var names = subscription.Topics.Distinct(StringComparer.Ordinal).ToArray();
        var resume = string.IsNullOrEmpty(lastEventId) ? null : LastEventId.Parse(lastEventId);
        if (resume is null != string.IsNullOrEmpty(lastEventId) || (resume is { IsSingle: true } && names.Length > 1))
            throw new ArgumentException("The last event id is none of a subscription to these topics.", nameof(subscription));
        return StreamPlan.Of(names, resume) with { Types = subscription.Types, Filter = subscription.Filter };
    }

    private async IAsyncEnumerable<SseItem<T>> EnumerateAsync<T>(
        SseSubscription subscription, DataReader<T> read, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stopped = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        var seen = subscription.LastEventId;
        while (!stopped.IsCancellationRequested)
        {
            var connection = new SubscriberConnection(connections);
            try
            {
                topics.Begin(connection.Subscriptions = topics.Create(connection, PlanOf(subscription, seen), isOpened: false));
                var parser = SseParser.Create(new SubscriberStream(connection, stopped.Token), (type, data) => read(type, data));
                await foreach (var item in parser.EnumerateAsync(CancellationToken.None))
                {
                    seen = parser.LastEventId;
                    yield return item;
                }

                // It lagged behind, or something failed: it goes on behind what it has taken.
                seen = parser.LastEventId is { Length: > 0 } last ? last : seen;
            }
            finally
            {
                connection.End(SseDisconnectReason.Client);
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
    }
}
