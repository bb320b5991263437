using System.Net;
using System.Net.Http.Headers;
using System.Text;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Access;

/// <summary>One who comes too often, or with too many, is told so and keeps nobody else away.</summary>
public sealed class LimitTests(GuardedReplicas replicas) : IClassFixture<GuardedReplicas>
{
    private static readonly string[] Everything = ["*"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_publishes_too_often_gets_429_and_others_go_on()
    {
        await using var replica = await replicas.StartAsync(("Access__PublishPerSecond", "5"));
        await replica.HealthyAsync();

        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 50 && !statuses.Contains(HttpStatusCode.TooManyRequests); i++)
        {
            using var answer = await PublishAsync(replica, "busy");
            statuses.Add(answer.StatusCode);
            if (answer.StatusCode == HttpStatusCode.TooManyRequests)
            {
                Assert.Equal(TimeSpan.FromSeconds(1), answer.Headers.RetryAfter?.Delta);
                Assert.Contains("Retry-After", await answer.DetailAsync(429), StringComparison.Ordinal);
            }
        }

        Assert.Equal(HttpStatusCode.OK, statuses[0]);
        Assert.Equal(HttpStatusCode.TooManyRequests, statuses[^1]);
        using var other = await PublishAsync(replica, "quiet");
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    public async Task Who_connects_too_often_gets_429()
    {
        await using var replica = await replicas.StartAsync(("Access__ConnectPerSecond", "3"));
        await replica.HealthyAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => OpenAsync(replica.Http, "anna")));

        Assert.Contains(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        Assert.Contains(answers, answer => answer.StatusCode == HttpStatusCode.TooManyRequests && answer.Headers.RetryAfter is not null);
        using var other = await OpenAsync(replica.Http, "eve");
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        Array.ForEach(answers, answer => answer.Dispose());
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task One_address_takes_no_more_places_than_its_own(string direct)
    {
        await using var replica = await replicas.StartAsync(("Sse__MaxStreamsPerAddress", "3"), ("Sse__DirectSockets", direct));
        await replica.HealthyAsync();
        var open = new List<HttpResponseMessage>();
        for (var i = 0; i < 3; i++)
            open.Add(await OpenAsync(replica.Http, $"user-{i}"));
        Assert.All(open, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));

        using (var refused = await OpenAsync(replica.Http, "another"))
            Assert.Contains("Your address has too many", await refused.DetailAsync(429), StringComparison.Ordinal);
        using (var browser = await OpenAsync(replica.Http, "another", ("Sec-Fetch-Mode", "cors")))
            Assert.Contains("retry: ", await browser.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        using (var claimed = await OpenAsync(replica.Http, "another", ("X-Forwarded-For", "192.0.2.1")))
            Assert.Equal(HttpStatusCode.TooManyRequests, claimed.StatusCode);

        open[0].Dispose();
        await Eventually.TrueAsync(async () =>
        {
            using var again = await OpenAsync(replica.Http, "another");
            return again.StatusCode == HttpStatusCode.OK;
        }, "the place is given back");
        open.ForEach(answer => answer.Dispose());
    }

    [Fact]
    public async Task A_client_behind_a_proxy_that_is_known_has_an_address_of_its_own()
    {
        await using var replica = await replicas.StartAsync(("Sse__MaxStreamsPerAddress", "1"), ("Access__Proxies__0", "127.0.0.0/8"));
        await replica.HealthyAsync();

        using var one = await OpenAsync(replica.Http, "one", ("X-Forwarded-For", "192.0.2.1"));
        using var other = await OpenAsync(replica.Http, "other", ("X-Forwarded-For", "192.0.2.2"));
        using var third = await OpenAsync(replica.Http, "third", ("X-Forwarded-For", "192.0.2.2"));

        Assert.Equal(
            [HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests], new[] { one, other, third }.Select(answer => answer.StatusCode));
        await replica.LoggedAsync("from 192.0.2.1:");
    }

    private async Task<HttpResponseMessage> PublishAsync(ApiProcess replica, string user)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/publish") { Content = new StringContent("""{"topic":"a","data":1}""", Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", replicas.Issuer.Token(user, new Dictionary<string, object> { ["sse_pub"] = Everything }));
        return await replica.Http.SendAsync(request, Cancellation);
    }

    private async Task<HttpResponseMessage> OpenAsync(HttpClient http, string user, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/notifications");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", replicas.Issuer.Token(user));
        request.Headers.Add("Accept", "text/event-stream");
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
    }
}
