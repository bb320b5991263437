using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Faults;

/// <summary>Publishes numbered events on all topics in turn, many with one request, at a steady rate.</summary>
internal sealed class SteadyPublisher(ApiProcess api, Ledger ledger, int dataBytes)
{
    private const int TurnsPerSecond = 20;

    private readonly string _padding = new('x', dataBytes);

    /// <summary>Publishes until it is stopped.</summary>
    public async Task RunAsync(int perSecond, CancellationToken stop)
    {
        using var turns = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / TurnsPerSecond));
        for (var next = 0; !stop.IsCancellationRequested;)
        {
            var count = perSecond / TurnsPerSecond;
            await PublishAsync([.. Enumerable.Range(next, count).Select(i => i % ledger.Topics)]);
            next += count;
            await turns.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    private async Task PublishAsync(int[] topics)
    {
        var now = (DateTimeOffset.UtcNow.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;
        var body = new StringBuilder("[");
        foreach (var topic in topics)
        {
            ledger.Acknowledged(topic, ledger.Fault);
            body.Append(body.Length > 1 ? "," : "").Append(CultureInfo.InvariantCulture,
                $$"""{"topic":"t{{topic}}","data":[{{topic}},{{ledger.Published(topic)}},{{now}},"{{_padding}}"]}""");
        }

        using var content = new ByteArrayContent(Encoding.ASCII.GetBytes(body.Append(']').ToString()));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await api.Http.PostAsync(new Uri("/api/publish", UriKind.Relative), content, TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, $"Publishing got {(int)response.StatusCode}.");
    }
}
