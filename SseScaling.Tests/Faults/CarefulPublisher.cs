using System.Globalization;
using System.Net;
using System.Text;
using Xunit;

namespace SseScaling.Tests.Faults;

/// <summary>
/// Publishes each topic's numbers one after the other through any replica, each with an idempotency key, and repeats it until it is acknowledged:
/// so the order of publishing is known, whatever fails.
/// </summary>
internal sealed class CarefulPublisher(FaultCluster cluster, Ledger ledger) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };

    /// <summary>Publishes on all topics at a rate until it is stopped; returns when the last events are acknowledged.</summary>
    /// <param name="perSecond">Events per second of all topics together. What an outage delayed is made up for behind it.</param>
    /// <param name="stop">Ends it.</param>
    public Task RunAsync(double perSecond, CancellationToken stop)
    {
        var interval = TimeSpan.FromSeconds(ledger.Topics / perSecond);
        return Task.WhenAll(Enumerable.Range(0, ledger.Topics).Select(topic => PublishAsync(topic, interval, stop)));
    }

    public void Dispose() => _http.Dispose();

    private async Task PublishAsync(int topic, TimeSpan interval, CancellationToken stop)
    {
        var start = TimeProvider.System.GetTimestamp();
        var offset = interval * Random.Shared.NextDouble();
        for (var number = 1; !stop.IsCancellationRequested; number++)
        {
            var early = offset + (interval * (number - 1)) - TimeProvider.System.GetElapsedTime(start);
            if (early > TimeSpan.Zero)
                await Task.Delay(early, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var fault = ledger.Fault;
            while (!await TryPublishAsync(topic, number))
                await Task.Delay(Pause, TestContext.Current.CancellationToken);
            ledger.Acknowledged(topic, fault);
        }
    }

    private async Task<bool> TryPublishAsync(int topic, int number)
    {
        var now = (DateTimeOffset.UtcNow.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;
        var body = string.Create(
            CultureInfo.InvariantCulture, $$"""{"topic":"t{{topic}}","data":[{{topic}},{{number}},{{now}}],"key":"{{number}}"}""");
        try
        {
            using var content = new StringContent(body, Encoding.ASCII, "application/json");
            using var response = await _http.PostAsync(cluster.Any("/api/publish"), content, TestContext.Current.CancellationToken);
            if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
                return false;
            var answer = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.True(response.IsSuccessStatusCode, $"Publishing got {(int)response.StatusCode}: {answer}");
            Assert.EndsWith($"-{number}\"}}]", answer, StringComparison.Ordinal);
            return true;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException
            || (exception is TaskCanceledException && !TestContext.Current.CancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }
}
