using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Access;

/// <summary>Tokens that expire all the time under load, on two replicas.</summary>
public sealed class ExpiryRunTests(GuardedReplicas replicas, ITestOutputHelper output) : IClassFixture<GuardedReplicas>
{
    private const int Clients = 300;
    private const int Topics = 20;
    private const int EventsOfEachTopic = 120;

    private static readonly string[] Everything = ["*"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Three_hundred_streams_whose_rights_end_lose_nothing_get_nothing_twice_and_nothing_late()
    {
        HttpClient[] ways = [replicas.One.Http, replicas.Other.Http, replicas.Secure];
        // So that the time of a token is not spent in the queues of two cores.
        using var opening = new SemaphoreSlim(16);
        var clients = Enumerable.Range(0, Clients).Select(i => (
            Client: new RenewingClient(replicas.Issuer, ways, opening, Topic(i), i % 10 == 9 ? Renewal.None : (Renewal)(i % 3), TimeSpan.FromSeconds(8 + (i % 3))),
            IsRenewed: i % 10 != 9,
            Live: new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))).ToList();
        var runs = clients.ConvertAll(one => one.Client.RunAsync(EventsOfEachTopic, one.Live));
        await await Task.WhenAny(Task.WhenAll(clients.Select(one => one.Live.Task)), Task.WhenAny(runs).Unwrap()).WaitAsync(Eventually.Deadline, Cancellation);

        await PublishAsync();
        await Task.WhenAll(runs).WaitAsync(TimeSpan.FromSeconds(60), Cancellation);

        var renewed = clients.Where(one => one.IsRenewed).Select(one => one.Client).ToList();
        var over = clients.Where(one => !one.IsRenewed).Select(one => one.Client).ToList();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{renewed.Sum(one => one.Received.Count)} events to {renewed.Count} clients in {renewed.Sum(one => one.Streams)} streams, told {renewed.Sum(one => one.Reminders)} times; {over.Count} others got {over.Sum(one => one.Received.Count)}."));
        Assert.Empty(clients.SelectMany(one => one.Client.Late));
        Assert.All(renewed, one => Assert.Equal(Enumerable.Range(1, EventsOfEachTopic), one.Received));
        Assert.All(renewed, one => Assert.True(one.Reminders > 0));
        Assert.All(over, one => Assert.Equal(Enumerable.Range(1, one.Received.Count), one.Received));
        Assert.All(over, one => Assert.InRange(one.Received.Count, 0, EventsOfEachTopic - 1));
    }

    private static string Topic(int i) => string.Create(CultureInfo.InvariantCulture, $"run:{i % Topics}");

    /// <summary>About 200 a second: all topics' next event ten times a second.</summary>
    private async Task PublishAsync()
    {
        var token = new AuthenticationHeaderValue("Bearer", replicas.Issuer.Token("service", new Dictionary<string, object> { ["sse_pub"] = Everything }));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        for (var number = 1; number <= EventsOfEachTopic; number++)
        {
            await timer.WaitForNextTickAsync(Cancellation);
            var events = Enumerable.Range(0, Topics).Select(i => string.Create(CultureInfo.InvariantCulture, $$$"""{"topic":"{{{Topic(i)}}}","data":{"number":{{{number}}},"at":"{{{DateTime.UtcNow:O}}}"}}"""));
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/publish") { Content = new StringContent($"[{string.Join(',', events)}]", Encoding.UTF8, "application/json") };
            request.Headers.Authorization = token;
            using var answer = await replicas.One.Http.SendAsync(request, Cancellation);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }
}
