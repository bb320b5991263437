using System.Globalization;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Hostile;

/// <summary>Clients that open streams and take nothing.</summary>
[Trait("Category", "Hostile")]
public sealed class NonReaderTests(ITestOutputHelper output)
{
    private const int Stalled = 60;
    private const int Events = 400;

    // What waits in the process, and twice what the system was told to keep: it counts its own bookkeeping.
    private const long Bound = (256 << 10) + (2 * 128 << 10);

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task Who_does_not_read_costs_its_bound_the_systems_part_included_and_nobody_else_misses_anything(string direct)
    {
        await using var api = await ApiProcess.StartAsync(null, ("Sse__DirectSockets", direct));
        var stalled = new List<RawConnection>();
        for (var i = 0; i < Stalled; i++)
        {
            stalled.Add(await RawConnection.GetAsync(api.Port, "/api/stream?topic=a"));
            await stalled[^1].ReadUntilAsync(": connected");
        }

        var readers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => SseClient.OpenTopicsAsync(api.Http, "a")));
        foreach (var reader in readers)
            await reader.LiveAsync();
        var data = ApiCalls.Quote(new string('x', 16 << 10));
        var (before, most) = (SocketMemory(), 0L);
        for (var i = 0; i < Events; i++)
        {
            await api.Http.PublishAsync("a", data);
            foreach (var reader in readers)
                Assert.Equal(data, (await reader.NextAsync()).Data);
            most = Math.Max(most, SocketMemory() - before + (await api.Http.StatsAsync()).GetProperty("queueBytes").GetInt64());
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Stalled} clients that take nothing of {Events * 16} KB cost {most / Stalled >> 10} KB each; {api.Count(": slow-consumer")} were cut."));
        Assert.InRange(api.Count(": slow-consumer"), 1, Stalled);

        // Their own side keeps as much as it likes, on this machine too: 128 KB to begin with, doubled likewise.
        Assert.InRange(most, 0, Stalled * (Bound + (256 << 10)));
        foreach (var reader in readers)
            await reader.DisposeAsync();
        foreach (var one in stalled)
            await one.DisposeAsync();
    }

    /// <summary>What the system keeps for all TCP sockets of this machine, in bytes (proc_net_sockstat: pages).</summary>
    private static long SocketMemory()
    {
        var line = File.ReadLines("/proc/net/sockstat").First(line => line.StartsWith("TCP:", StringComparison.Ordinal)).Split(' ');
        return long.Parse(line[Array.IndexOf(line, "mem") + 1], CultureInfo.InvariantCulture) * Environment.SystemPageSize;
    }
}
