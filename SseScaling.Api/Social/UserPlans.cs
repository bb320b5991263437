using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using SseScaling.Api.Http;
using SseScaling.Protocol;
using SseScaling.Topics;

namespace SseScaling.Api.Social;

/// <summary>What a stream delivers: what its client asked for, restricted to what its user wants.</summary>
internal sealed class UserPlans(ISocialStore store, Celebrities celebrities, IOptions<SocialOptions> options, IOptions<SseOptions> delivery)
{
    // Read once for all of a user's streams on this replica, so that a second tab costs no read, and opens without waiting for one.
    private readonly ConcurrentDictionary<string, Task<UserSettings>> _settings = new(StringComparer.Ordinal);

    /// <summary>Whether a user's stream depends on more than its request.</summary>
    public bool AreNeeded => options.Value.SelectiveDelivery || options.Value.FanOut != FanOutStrategy.Write;

    /// <summary>The plan of the request alone.</summary>
    public StreamPlan Plain(StreamRequest request) =>
        StreamPlan.Of(request.Topics, request.Resume, StreamFilter.Of(request.Types), request.Window ?? delivery.Value.BatchWindow);

    /// <summary>The plan of a user's stream.</summary>
    /// <param name="request">What the client asked for.</param>
    /// <param name="isOpen">Whether the stream is open already: then what it lacks begins where it begins for its user.</param>
    /// <exception cref="SseUnavailableException">The user's wishes cannot be read at the moment.</exception>
    public async Task<StreamPlan> ReadAsync(StreamRequest request, bool isOpen)
    {
        var settings = options.Value.SelectiveDelivery ? await SettingsOfAsync(request.User!) : UserSettings.None;
        var plan = Plain(request) with { Filter = StreamFilter.Of(request.Types, settings.Interests, settings.Muted) };
        var since = celebrities.Since;
        if (since.Count == 0)
            return plan;
        var followed = await store.ReadFollowedAsync(request.User!);
        var merged = followed.Where(author => since.ContainsKey(author.Key))
            .OrderBy(author => author.Key, StringComparer.Ordinal)
            .Select(author => Merge(TopicName.OfAuthor(author.Key), author.Value ?? since[author.Key], request.Resume, isOpen));
        return plan with { Topics = [.. plan.Topics, .. merged] };
    }

    /// <summary>Has a user's wishes read anew the next time: they changed, or nobody asks for them any more.</summary>
    public void Forget(string user) => _settings.TryRemove(user, out _);

    /// <summary>Has all users' wishes read anew: changes may have been missed.</summary>
    public void ForgetAll() => _settings.Clear();

    private async Task<UserSettings> SettingsOfAsync(string user)
    {
        var reading = _settings.GetOrAdd(user, store.ReadSettingsAsync);
        try
        {
            return await reading;
        }
        catch
        {
            _settings.TryRemove(KeyValuePair.Create(user, reading));
            throw;
        }
    }

    /// <summary>A new client starts live. One that comes back goes on where it stood; its id may be older than its interest in the topic.</summary>
    private static TopicStart Merge(string topic, EventPosition since, LastEventId? resume, bool isOpen)
    {
        if (isOpen)
            return new TopicStart(topic, since);
        if (resume is null)
            return new TopicStart(topic, null);
        return new TopicStart(topic, (resume.IsSingle ? null : resume.For(topic)) ?? since);
    }
}
