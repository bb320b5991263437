using System.Diagnostics;
using System.Globalization;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Hostile;

/// <summary>A host that does not read what the process writes to its output.</summary>
[Trait("Category", "Hostile")]
public sealed class BlockedLogTests(ITestOutputHelper output)
{
    private const int Streams = 4_000;

    [Fact]
    public async Task Nobody_waits_for_a_log_that_nobody_reads()
    {
        await using var api = await ApiProcess.StartAsync();
        await using var reader = await SseClient.OpenTopicsAsync(api.Http, "a");
        await reader.LiveAsync();
        api.StopReadingOutput();
        var clock = Stopwatch.StartNew();

        // Two lines each: many times what the pipe and the log's queue hold.
        await Parallel.ForEachAsync(Enumerable.Range(0, Streams), new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = TestContext.Current.CancellationToken }, async (_, _) =>
        {
            await using var connection = await RawConnection.GetAsync(api.Port, "/api/stream?topic=a");
            await connection.ReadUntilAsync(": connected");
        });
        await api.Http.PublishAsync("a", "1");

        Assert.Equal("1", (await reader.NextAsync()).Data);
        Assert.True(await api.Http.IsHealthyAsync());
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Streams} streams came and went in {clock.ElapsedMilliseconds} ms."));
    }
}
