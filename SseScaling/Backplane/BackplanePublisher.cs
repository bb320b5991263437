using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using SseScaling.Protocol;

namespace SseScaling.Backplane;

/// <summary>The application's way to the backplane: checks, serializes, hands over.</summary>
internal sealed class BackplanePublisher(IBackplane backplane, IOptions<JsonOptions> json) : ISsePublisher
{
    [RequiresUnreferencedCode("Serializes by reflection where the options have no metadata for the type: pass its JsonTypeInfo.")]
    [RequiresDynamicCode("Serializes by reflection where the options have no metadata for the type: pass its JsonTypeInfo.")]
    public Task<SsePublished> PublishAsync<T>(string topic, T data, SsePublishOptions? options = null, CancellationToken cancellationToken = default) =>
        PublishUtf8Async(topic, JsonSerializer.SerializeToUtf8Bytes(data, json.Value.SerializerOptions), options, cancellationToken);

    public Task<SsePublished> PublishAsync<T>(
        string topic, T data, SsePublishOptions? options, JsonTypeInfo<T> jsonTypeInfo, CancellationToken cancellationToken = default) =>
        PublishUtf8Async(topic, JsonSerializer.SerializeToUtf8Bytes(data, jsonTypeInfo), options, cancellationToken);

    public async Task<SsePublished> PublishUtf8Async(
        string topic, ReadOnlyMemory<byte> data, SsePublishOptions? options = null, CancellationToken cancellationToken = default)
    {
        var one = new SseEvent(topic, data);
        if (options is not null)
            one = one with { Type = options.Type, Key = options.Key, Collapse = options.Collapse, Durable = options.Durable };
        return (await PublishAsync([one], cancellationToken))[0];
    }

    public async Task<IReadOnlyList<SsePublished>> PublishAsync(IReadOnlyList<SseEvent> events, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(events);
        for (var i = 0; i < events.Count; i++)
        {
            if (EventFields.Problem(events[i]) is { } problem)
                throw new ArgumentException(problem, nameof(events));
        }

        var published = await backplane.PublishAsync(events, cancellationToken);
        var answers = new SsePublished[published.Count];
        for (var i = 0; i < answers.Length; i++)
            answers[i] = new SsePublished(published[i].Position.IsNone ? null : published[i].Position.ToString(), published[i].Repeated);
        return answers;
    }
}
