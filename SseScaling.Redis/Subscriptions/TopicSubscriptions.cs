using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Polly;
using SseScaling.Backplane;
using SseScaling.Telemetry;

namespace SseScaling.Redis;

/// <summary>
/// The topics that this process listens to: one Redis subscription each, kept alive until it is unsubscribed, whatever happens to the link.
/// </summary>
/// <remarks>
/// What a call wants is decided before it waits, and carried out behind its topic's gate: calls for one topic take effect in the order in
/// which they were made, a late unsubscribe never removes a newer subscription, and topics do not wait for each other. Thread-safe.
/// </remarks>
internal sealed class TopicSubscriptions
{
    // A SUBSCRIBE is answered in well under a millisecond: 10,000 topics in this many lanes are back in a fraction of a second.
    private const int ResubscribeLanes = 128;

    private readonly ConcurrentDictionary<string, TopicGate> _gates = new(StringComparer.Ordinal);
    private readonly RedisLink _link;
    private readonly TimeSpan _timeout;
    private readonly PublishingMetrics _telemetry;
    private readonly ResiliencePipeline _endlessly;

    /// <summary>Creates the set, empty, and has the link keep it alive.</summary>
    public TopicSubscriptions(RedisLink link, IOptions<SseRedisOptions> options, PublishingMetrics telemetry,
        [FromKeyedServices(SubscribePipeline.Name)] ResiliencePipeline endlessly)
    {
        ArgumentNullException.ThrowIfNull(link);
        ArgumentNullException.ThrowIfNull(options);
        (_link, _timeout, _telemetry, _endlessly) = (link, options.Value.Timeout, telemetry, endlessly);
        link.Resubscribe = ResubscribeAsync;
    }

    /// <summary>Subscribes a topic; completes when every later message reaches the receiver. Tries until it succeeds.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled, or the topic was unsubscribed or subscribed anew meanwhile.</exception>
    public async Task SubscribeAsync(string topic, ITopicReceiver receiver, CancellationToken cancellationToken)
    {
        var gate = Rent(topic);
        var subscription = new TopicSubscription(topic, receiver);
        gate.Want(subscription);
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(subscription.Ended, cancellationToken);
            await gate.EnterAsync(either.Token);
            try
            {
                await CloseAsync(gate);
                await _endlessly.ExecuteAsync((self, token) => self.This.OpenAsync(self.Subscription, token),
                    (This: this, Subscription: subscription), either.Token);
                gate.Open = subscription;
                _telemetry.Subscribed();
            }
            finally
            {
                gate.Exit();
            }
        }
        catch
        {
            gate.Abandon(subscription);
            throw;
        }
        finally
        {
            Return(gate);
        }
    }

    /// <summary>Ends a topic's subscription: nothing is delivered after the call's first step. Never throws for an absent one or an unreachable Redis.</summary>
    public async Task UnsubscribeAsync(string topic)
    {
        if (!_gates.ContainsKey(topic))
            return;
        var gate = Rent(topic);
        gate.Want(null);
        await gate.EnterAsync(CancellationToken.None);
        try
        {
            if (!gate.IsSettled)
                await CloseAsync(gate);
        }
        finally
        {
            gate.Exit();
            Return(gate);
        }
    }

    private async ValueTask OpenAsync(TopicSubscription subscription, CancellationToken cancellationToken)
    {
        // Ten thousand topics that all try while the link is down would cost a core in exceptions.
        await _link.WhenReachableAsync(cancellationToken);
        await subscription.OpenAsync(_link, _timeout, cancellationToken);
    }

    private async Task CloseAsync(TopicGate gate)
    {
        if (gate.Open is not { } open)
            return;
        await open.CloseAsync(_timeout);
        gate.Open = null;
        open.Dispose();
        _telemetry.Unsubscribed();
    }

    /// <summary>After an interruption: makes every open subscription anew, each tried once.</summary>
    private async Task<bool> ResubscribeAsync(CancellationToken stopping)
    {
        await Parallel.ForEachAsync(Stale(), new ParallelOptions { MaxDegreeOfParallelism = ResubscribeLanes, CancellationToken = stopping }, RenewAsync);
        return !Stale().Any();
    }

    private IEnumerable<TopicGate> Stale() => _gates.Values.Where(gate => gate.Open is { } open && !open.IsFresh(_link));

    private async ValueTask RenewAsync(TopicGate gate, CancellationToken cancellationToken)
    {
        // Whoever has the turn subscribes under the current count, or closes.
        if (!gate.TryRent())
            return;
        try
        {
            if (!gate.TryEnter())
                return;
            try
            {
                if (gate.IsSettled && gate.Open is { } open)
                    await open.OpenAsync(_link, _timeout, cancellationToken);
            }
            catch (Exception exception) when (RedisFaults.IsOutage(exception, cancellationToken))
            {
                // Stays stale, which the caller sees: the watchdog comes again at its next turn.
            }
            finally
            {
                gate.Exit();
            }
        }
        finally
        {
            Return(gate);
        }
    }

    private TopicGate Rent(string topic)
    {
        while (true)
        {
            var gate = _gates.GetOrAdd(topic, static name => new TopicGate(name));
            if (gate.TryRent())
                return gate;
            _gates.TryRemove(KeyValuePair.Create(topic, gate));
        }
    }

    private void Return(TopicGate gate)
    {
        if (gate.Return())
            _gates.TryRemove(KeyValuePair.Create(gate.Topic, gate));
    }
}
