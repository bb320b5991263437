using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using SseScaling.Connections;
using SseScaling.Hosting;
using SseScaling.Protocol;
using SseScaling.Telemetry;
using SseScaling.Topics;

namespace SseScaling.Benchmarks;

/// <summary>
/// One event to 10,000 subscribers, all of the way but the socket: what a delivery costs on top of the kernel's send. Allocations do not grow with
/// the subscribers.
/// </summary>
[MemoryDiagnoser]
public class FanOutBenchmarks : IDisposable
{
    private EncodedBatch _batch = null!;
    private Broadcast _broadcast = null!;
    private Dispatcher _dispatcher = null!;
    private Subscription[] _subscribers = [];

    [Params(10_000)]
    public int Subscribers { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var metrics = new DeliveryMetrics(services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>());
        var options = Options.Create(new SseOptions());
        var supervision = new Supervision(TimeProvider.System, NullLoggerFactory.Instance);
        var registry = new ConnectionRegistry(options, new AddressPlaces(options), metrics, supervision, TimeProvider.System, NullLogger<ConnectionRegistry>.Instance);
        _broadcast = new Broadcast(metrics, new DeliverySpans(supervision), NullLogger.Instance);
        _dispatcher = new Dispatcher(0, metrics.Dropped);
        var topic = new Topic("notifications:42", _dispatcher, _broadcast, null!);
        _subscribers = [.. Enumerable.Range(0, Subscribers).Select(_ => new SubscriptionSet(new Sink(registry), [topic], StreamPlan.Of([topic.Name])).All[0])];
        _batch = SseEncoder.Encode([EventEnvelope.Parse(Envelopes.Message(1, 1))]);
    }

    [Benchmark]
    public void FanOut() => _broadcast.Send(_batch, _subscribers, []);

    [GlobalCleanup]
    public void Dispose()
    {
        _dispatcher.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>A client that takes everything at once.</summary>
    private sealed class Sink(ConnectionRegistry registry) : Connection(registry, "sink", null)
    {
        public override Frame Preamble(string? id) => ControlFrames.Heartbeat;

        protected override int TryWrite(ReadOnlySpan<byte> bytes) => bytes.Length;

        protected override void StartDraining() => throw new NotSupportedException("Nothing ever waits.");

        protected override void Close(bool graceful)
        {
        }
    }
}
