using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Faults;

[Collection(Alone.Name)]
public sealed class SlowConsumerTests
{
    private const int Clients = 200;
    private const int Topics = 20;
    private const int PerSecond = 2_000;
    private const int DataBytes = 200;
    private const int Bound = 256 << 10;

    // The last frame may exceed the bound by itself: the check comes behind it.
    private const int LargestFrame = 80 << 10;

    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(4);

    private ConcurrentBag<long> _latencies = [];

    [Fact]
    public async Task A_client_that_never_reads_is_ended_at_its_bound_and_harms_nobody()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var api = await ApiProcess.StartAsync(redis, ("Sse__Retry", "00:00:00.300"));
        await api.HealthyAsync();
        var ledger = new Ledger(Topics);
        var clients = Enumerable.Range(0, Clients - 1).Select(i => new BrowserClient([i % Topics], () => api.Port, Arrived)).ToArray();
        try
        {
            await Task.WhenAll(clients.Select(client => client.Opened)).WaitAsync(Eventually.Deadline, TestContext.Current.CancellationToken);
            using var stop = new CancellationTokenSource();
            var publishing = new SteadyPublisher(api, ledger, DataBytes).RunAsync(PerSecond, stop.Token);

            await Task.Delay(Measured / 2, TestContext.Current.CancellationToken);
            var without = await MeasureAsync(api, () => Task.Delay(Measured, TestContext.Current.CancellationToken));
            ledger.Fault = "a client never reads";
            using var slow = await OpenAsync(api.Port);
            var with = await MeasureAsync(api, () => Task.WhenAll(
                Task.Delay(Measured, TestContext.Current.CancellationToken), api.LoggedAsync(": slow-consumer")));

            await stop.CancelAsync();
            await publishing;
            await Eventually.TrueAsync(() => Array.TrueForAll(clients, client => IsComplete(client, ledger)), "the other clients have everything");
            var verdict = new Verdict(ledger, clients);
            Figures.Print([.. verdict.Table($"{Clients} clients, one of them never reads, {PerSecond} events/s"), Line("without", without), Line("with", with)]);
            Assert.Equal(0, verdict.Total.Lost + verdict.Total.Twice + verdict.Total.OutOfOrder + verdict.Gaps);
            Assert.Equal(1, api.Count(": slow-consumer"));
            AssertBounded(without, with);
        }
        finally
        {
            foreach (var client in clients)
                await client.DisposeAsync();
        }
    }

    // What waits for clients is the process's own count of bytes. The process's memory as a whole changes by megabytes as the collector likes: it is
    // printed, and an unbounded queue of this run (half a megabyte a second) is what the first assertion would see.
    private static void AssertBounded((MemoryWatch Memory, long[] Latencies) without, (MemoryWatch Memory, long[] Latencies) with)
    {
        Assert.True(with.Memory.MostQueued > 0, "The client that never reads was never seen to have a queue: the run has shown nothing.");
        Assert.True(with.Memory.MostQueued - without.Memory.MostQueued <= Bound + LargestFrame,
            $"{with.Memory.MostQueued} bytes waited, {without.Memory.MostQueued} without the client that never reads.");
    }

    private static bool IsComplete(BrowserClient client, Ledger ledger) => client.Logs.All(pair => pair.Value.Reached >= ledger.Published(pair.Key));

    private static string Line(string what, (MemoryWatch Memory, long[] Latencies) measured) => string.Create(CultureInfo.InvariantCulture,
        $"{what,-8} p50 {Percentile(measured.Latencies, .5):F1} ms, p99 {Percentile(measured.Latencies, .99):F1} ms of {measured.Latencies.Length} deliveries; "
        + $"at most {measured.Memory.MostQueued >> 10} KiB waited; the process had at most {measured.Memory.MostResident >> 20} MiB");

    private static double Percentile(long[] sorted, double share) => sorted.Length == 0 ? 0 : sorted[(int)(share * (sorted.Length - 1))] / 1000.0;

    /// <summary>Asks for all topics and never reads an answer. Its own buffer is small, so that what it does not take waits at the server.</summary>
    private static async Task<Socket> OpenAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4 << 10 };
        await socket.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
        var topics = string.Join('&', Enumerable.Range(0, Topics).Select(topic => "topic=t" + topic.ToString(CultureInfo.InvariantCulture)));
        await socket.SendAsync(Encoding.ASCII.GetBytes($"GET /api/stream?{topics} HTTP/1.1\r\nHost: localhost\r\n\r\n"), TestContext.Current.CancellationToken);
        return socket;
    }

    private async Task<(MemoryWatch Memory, long[] Latencies)> MeasureAsync(ApiProcess api, Func<Task> meanwhile)
    {
        _latencies = [];
        using var stop = new CancellationTokenSource();
        var memory = new MemoryWatch(api);
        var watching = memory.RunAsync(stop.Token);
        await meanwhile();
        await stop.CancelAsync();
        await watching;
        return (memory, [.. _latencies.Order()]);
    }

    private void Arrived(long publishedMicros) =>
        _latencies.Add(((DateTimeOffset.UtcNow.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond) - publishedMicros);
}
