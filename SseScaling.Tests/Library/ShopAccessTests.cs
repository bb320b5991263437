using System.Net;
using SseScaling.Tests.Application;
using Xunit;

namespace SseScaling.Tests.Library;

/// <summary>An application on the public face: what its middleware refuses is refused, whichever way a client comes.</summary>
public sealed class ShopAccessTests(ShopReplicas shop) : IClassFixture<ShopReplicas>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/me/events", null, HttpStatusCode.Unauthorized)]
    [InlineData("/me/events", "customer", HttpStatusCode.OK)]
    [InlineData("/orders/1/events", null, HttpStatusCode.Unauthorized)]
    [InlineData("/orders/1/events", "customer", HttpStatusCode.Forbidden)]
    [InlineData("/orders/1/events", "clerk", HttpStatusCode.OK)]
    [InlineData("/orders/first/events", "clerk", HttpStatusCode.NotFound)]
    [InlineData("/feed", null, HttpStatusCode.BadRequest)]
    [InlineData("/feed?topic=a&topic=b&topic=c&topic=d", null, HttpStatusCode.BadRequest)]
    public async Task A_stream_asks_for_what_its_endpoint_asks_for(string target, string? role, HttpStatusCode expected)
    {
        foreach (var replica in new[] { shop.Alone, shop.One, shop.Other })
        {
            using var response = await replica.SendAsync(HttpMethod.Get, target, role is null ? null : Tokens.For("anna", role));
            Assert.Equal(expected, response.StatusCode);
        }
    }

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    [InlineData("customer", HttpStatusCode.Forbidden)]
    [InlineData("clerk", HttpStatusCode.OK)]
    public async Task Publishing_asks_for_what_its_endpoint_asks_for(string? role, HttpStatusCode expected)
    {
        using var response = await shop.One.SendAsync(HttpMethod.Post, "/publish", role is null ? null : Tokens.For("carl", role), """{"topic":"access","data":1}""");
        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task A_token_of_somebody_else_s_is_none()
    {
        var parts = Tokens.For("anna").Split('.');
        using var response = await shop.One.SendAsync(HttpMethod.Get, "/me/events", $"{parts[0]}.{parts[1]}.{Tokens.For("eve").Split('.')[2]}");
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Theory]
    [InlineData(Shop.PartnerOrigin, true)]
    [InlineData("https://stranger.example", false)]
    public async Task A_stream_tells_browsers_whose_pages_may_read_it(string origin, bool isAllowed)
    {
        foreach (var replica in new[] { shop.One, shop.Other })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/me/events");
            request.Headers.Authorization = new("Bearer", Tokens.For("anna"));
            request.Headers.Add("Origin", origin);
            using var response = await replica.Plain.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);

            Assert.Equal(isAllowed ? [origin] : [], response.Headers.TryGetValues("Access-Control-Allow-Origin", out var origins) ? origins : []);
            Assert.Equal(isAllowed, response.Headers.Contains("Access-Control-Allow-Credentials"));
        }
    }

    [Fact]
    public async Task A_preflight_request_is_answered()
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, "/me/events");
        request.Headers.Add("Origin", Shop.PartnerOrigin);
        request.Headers.Add("Access-Control-Request-Method", "GET");
        using var response = await shop.One.Plain.SendAsync(request, Cancellation);

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal([Shop.PartnerOrigin], response.Headers.GetValues("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task A_client_that_comes_too_often_gets_429()
    {
        foreach (var replica in new[] { shop.One, shop.Other })
        {
            await using (await ShopReplicas.OpenAsync(replica, Way.Socket, "/offers"))
            await using (await ShopReplicas.OpenAsync(replica, Way.Socket, "/offers"))
            {
                using var refused = await replica.SendAsync(HttpMethod.Get, "/offers", token: null);
                Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            }
        }
    }

    [Fact]
    public async Task A_stream_s_endpoint_has_its_name() => Assert.Equal("/me/events", await shop.Alone.Plain.GetStringAsync("/where/my", Cancellation));
}
