using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using SseScaling.Backplane;
using SseScaling.Connections;
using SseScaling.Protocol;
using SseScaling.Telemetry;
using SseScaling.Topics;
using Xunit;

namespace SseScaling.Tests.Model;

public sealed class FanOutTests : IDisposable
{
    private const int Subscribers = 1000;

    // The spans, the metrics' tags: whatever a batch costs once. One reference for each subscriber would be 8,000.
    private const int OncePerBatch = 512;

    private readonly ServiceProvider _services = new ServiceCollection().AddEngine()
        .AddSingleton<IBackplane, InMemoryBackplane>()
        .AddSingleton<PublishingMetrics>().BuildServiceProvider();

    public void Dispose() => _services.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    public void A_delivery_allocates_nothing_for_a_subscriber(int events)
    {
        var metrics = _services.GetRequiredService<DeliveryMetrics>();
        var broadcast = new Broadcast(metrics, _services.GetRequiredService<DeliverySpans>(), NullLogger.Instance);
        using var dispatcher = new Dispatcher(0, metrics.Dropped);
        var registry = _services.GetRequiredService<ConnectionRegistry>();
        var topic = new Topic("t", dispatcher, broadcast, null!);
        var clients = Enumerable.Range(0, Subscribers).Select(_ => new Greedy(registry)).ToArray();
        Subscription[] subscribers = [.. clients.Select(client => new SubscriptionSet(client, [topic], StreamPlan.Of([topic.Name])).All[0])];
        broadcast.Send(Batch(1, events), subscribers, []);
        var batch = Batch(1 + events, events);

        var before = GC.GetAllocatedBytesForCurrentThread();
        broadcast.Send(batch, subscribers, []);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.All(clients, client => Assert.Equal(2, client.Writes));
        Assert.InRange(allocated, 0, OncePerBatch);
    }

    private static EncodedBatch Batch(int first, int events) => SseEncoder.Encode(
        [.. Enumerable.Range(first, events).Select(offset => EventEnvelope.Parse(
            EventEnvelope.Format(new EventPosition(1, offset), EventEnvelope.FormatTail(1_763_822_000_000_000, null, null, Encoding.ASCII.GetBytes("{}")))))]);

    /// <summary>A client that takes everything at once.</summary>
    private sealed class Greedy(ConnectionRegistry registry) : Connection(registry, "greedy", null)
    {
        public int Writes { get; private set; }

        public override Frame Preamble(string? id) => ControlFrames.Heartbeat;

        protected override int TryWrite(ReadOnlySpan<byte> bytes)
        {
            Writes++;
            return bytes.Length;
        }

        protected override void StartDraining() => throw new NotSupportedException("Nothing ever waits.");

        protected override void Close(bool graceful)
        {
        }
    }
}
