using Microsoft.Extensions.Options;
using SseScaling.Api.Delivery;
using SseScaling.Api.Http;
using SseScaling.Api.Hub;
using SseScaling.Messaging;

namespace SseScaling.Api.Social;

/// <summary>What a stream delivers: what its client asked for, restricted to what its user wants.</summary>
internal sealed class UserPlans(ISocialStore store, IOptions<SocialOptions> options, IOptions<DeliveryOptions> delivery)
{
    /// <summary>Whether a user's stream depends on more than its request.</summary>
    public bool AreNeeded => options.Value.SelectiveDelivery;

    /// <summary>The plan of the request alone.</summary>
    public StreamPlan Plain(StreamRequest request) =>
        StreamPlan.Of(request.Topics, request.Resume, StreamFilter.Of(request.Types), request.Window ?? delivery.Value.BatchWindow);

    /// <summary>The plan of a user's stream.</summary>
    /// <exception cref="MessagingUnavailableException">The user's wishes cannot be read at the moment.</exception>
    public async Task<StreamPlan> ReadAsync(StreamRequest request)
    {
        var settings = await store.ReadSettingsAsync(request.User!);
        return Plain(request) with { Filter = StreamFilter.Of(request.Types, settings.Interests, settings.Muted) };
    }
}
