using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using SseScaling.Api.Http;
using SseScaling.Backplane;
using SseScaling.Protocol;
using SseScaling.Topics;

namespace SseScaling.Api.Social;

/// <summary>What a stream delivers: what its client asked for, restricted to what its user wants.</summary>
internal sealed class UserPlans
{
    private readonly ISocialStore _store;
    private readonly Celebrities _celebrities;
    private readonly SocialOptions _options;
    private readonly SseOptions _delivery;

    // Read once for all of a user's streams on this replica, so that a second tab costs no read, and opens without waiting for one.
    private readonly ConcurrentDictionary<string, Task<UserSettings>> _settings = new(StringComparer.Ordinal);

    public UserPlans(
        ISocialStore store, Celebrities celebrities, OpenStreams streams, IBackplane backplane, IOptions<SocialOptions> options, IOptions<SseOptions> delivery)
    {
        (_store, _celebrities, _options, _delivery) = (store, celebrities, options.Value, delivery.Value);

        // Changes may have been missed. Open streams begin to listen to it when the host starts, so they read their plans anew behind this.
        backplane.Restored += _settings.Clear;
        streams.CountChanged += user =>
        {
            if (streams.CountOf(user) == 0)
                Forget(user);
        };
    }

    /// <summary>Whether a user's stream depends on more than its request.</summary>
    public bool AreNeeded => _options.SelectiveDelivery || _options.FanOut != FanOutStrategy.Write;

    /// <summary>What reads the plan of a stream; null when its request says all.</summary>
    public StreamPlanReader? ReaderOf(StreamRequest request) => request.User is not null && AreNeeded ? isOpen => ReadAsync(request, isOpen) : null;

    /// <summary>The plan of the request alone.</summary>
    public StreamPlan Plain(StreamRequest request) =>
        StreamPlan.Of(request.Topics, request.Resume, request.Window ?? _delivery.BatchWindow) with { Types = request.Types };

    /// <summary>The plan of a user's stream.</summary>
    /// <param name="request">What the client asked for.</param>
    /// <param name="isOpen">Whether the stream is open already: then what it lacks begins where it begins for its user.</param>
    /// <exception cref="SseUnavailableException">The user's wishes cannot be read at the moment.</exception>
    private async Task<StreamPlan> ReadAsync(StreamRequest request, bool isOpen)
    {
        var settings = _options.SelectiveDelivery ? await SettingsOfAsync(request.User!) : UserSettings.None;
        var plan = Plain(request) with { Filter = WishFilter.Of(settings) };
        var since = _celebrities.Since;
        if (since.Count == 0)
            return plan;
        var followed = await _store.ReadFollowedAsync(request.User!);
        var merged = followed.Where(author => since.ContainsKey(author.Key))
            .OrderBy(author => author.Key, StringComparer.Ordinal)
            .Select(author => Merge(TopicName.OfAuthor(author.Key), author.Value ?? since[author.Key], request.Resume, isOpen));
        return plan with { Topics = [.. plan.Topics, .. merged] };
    }

    /// <summary>Has a user's wishes read anew the next time: they changed, or nobody asks for them any more.</summary>
    public void Forget(string user) => _settings.TryRemove(user, out _);

    private async Task<UserSettings> SettingsOfAsync(string user)
    {
        var reading = _settings.GetOrAdd(user, _store.ReadSettingsAsync);
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
