using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using SseScaling.Connections;
using SseScaling.Protocol;
using SseScaling.Telemetry;
using SseScaling.Tests.Testing;
using SseScaling.Topics;
using Xunit;

namespace SseScaling.Tests.Model;

/// <summary>An interleaving that chance meets too seldom for the model to find it.</summary>
public sealed class LockOrderTests
{
    private const ulong Epoch = 0xe;

    [Fact]
    public async Task A_send_that_fails_while_another_topic_of_the_stream_goes_live_blocks_nobody()
    {
        await using var backend = new MemoryBackend();
        await using var services = new ServiceCollection().AddEngine().AddSingleton(backend.Backplane).BuildServiceProvider();
        var metrics = services.GetRequiredService<DeliveryMetrics>();
        var broadcast = new Broadcast(metrics, services.GetRequiredService<DeliverySpans>(), NullLogger.Instance);
        using var dispatcher = new Dispatcher(0, metrics.Dropped);
        var (live, behind) = (new Topic("live", dispatcher, broadcast, null!), new Topic("behind", dispatcher, broadcast, null!));
        using var connection = new FailingConnection(services.GetRequiredService<ConnectionRegistry>());
        var resume = LastEventId.Parse($"{LastEventId.Tag("behind"):x8}.{At(1)}");
        var set = new SubscriptionSet(connection, [live, behind], StreamPlan.Of(["live", "behind"], resume));
        connection.Stream = set;
        behind.Sequence.GoLive(At(2));
        Assert.Equal([set.All[1]], set.Join(set.BeginJoining()));
        behind.Sequence.Apply([Message(3)]);

        var sending = new Thread(() => set.Deliver(set.All[0], SseEncoder.Encode([EventEnvelope.Parse(Message(1))]), 0, 1)) { IsBackground = true };
        var goingLive = new Thread(() => set.TryGoLive(set.All[1], At(2))) { IsBackground = true };
        sending.Start();
        await Eventually.TrueAsync(() => connection.IsWriting, "the stream is being written to");
        goingLive.Start();
        await Eventually.TrueAsync(() => goingLive.ThreadState.HasFlag(ThreadState.WaitSleepJoin), "the other topic waits for the stream");
        connection.Fail();
        await Eventually.TrueAsync(() => !sending.IsAlive && !goingLive.IsAlive, "both are done");
    }

    private static EventPosition At(long offset) => new(Epoch, offset);

    private static ReadOnlyMemory<byte> Message(long offset) =>
        EventEnvelope.Format(At(offset), EventEnvelope.FormatTail(1, null, null, Encoding.ASCII.GetBytes("1")));

    private sealed class FailingConnection(ConnectionRegistry registry) : Connection(registry, "", null), IDisposable
    {
        private readonly ManualResetEventSlim _failed = new();

        public bool IsWriting { get; private set; }

        public void Fail() => _failed.Set();

        public void Dispose() => _failed.Dispose();

        public override Frame Preamble(string? id) => ControlFrames.Heartbeat;

        protected override int TryWrite(ReadOnlySpan<byte> bytes)
        {
            if (bytes.SequenceEqual(ControlFrames.Heartbeat.Span))
                return bytes.Length;
            IsWriting = true;
            _failed.Wait();
            return -1;
        }

        protected override void StartDraining() => Assert.Fail("Nothing waits for a connection that failed.");

        protected override void Close(bool graceful)
        {
        }
    }
}
