using System.Text.Json;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Faults;

/// <summary>Looks at a replica's figures many times a second and keeps the highest.</summary>
internal sealed class MemoryWatch(ApiProcess api)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <summary>What waited for clients at most, in bytes.</summary>
    public long MostQueued { get; private set; }

    /// <summary>The process's highest physical memory, in bytes.</summary>
    public long MostResident { get; private set; }

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await LookAsync();
            await Task.Delay(Interval, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task LookAsync()
    {
        var text = await api.Http.GetStringAsync(new Uri("/api/stats", UriKind.Relative), TestContext.Current.CancellationToken);
        using var stats = JsonDocument.Parse(text);
        var replica = stats.RootElement.GetProperty("replica");
        MostQueued = Math.Max(MostQueued, replica.GetProperty("queueBytes").GetInt64());
        MostResident = Math.Max(MostResident, replica.GetProperty("workingSetBytes").GetInt64());
    }
}
