using System.Net;
using SseScaling.Tests.Application;
using Xunit;

namespace SseScaling.Tests.Library;

/// <summary>Who may listen to a topic that the client names, and who may publish: by claims, by handlers of the application's, by public topics.</summary>
public sealed class ShopRightsTests(ShopReplicas shop) : IClassFixture<ShopReplicas>
{
    private static readonly string[] Everything = ["*"];

    [Theory]
    [InlineData("/topics?topic=a", "", HttpStatusCode.Forbidden)]
    [InlineData("/topics?topic=a", "a", HttpStatusCode.OK)]
    [InlineData("/topics?topic=a&topic=b", "a", HttpStatusCode.Forbidden)]
    [InlineData("/topics?topic=a&topic=b", "a b", HttpStatusCode.OK)]
    [InlineData("/topics?topic=orders:1&topic=orders:2", "orders:*", HttpStatusCode.OK)]
    [InlineData("/topics?topic=orders", "orders:*", HttpStatusCode.Forbidden)]
    [InlineData("/topics?topic=Orders:1", "orders:*", HttpStatusCode.Forbidden)]
    [InlineData("/topics?topic=orders:1", "orders:*x", HttpStatusCode.Forbidden)]
    [InlineData("/topics?topic=anything", "*", HttpStatusCode.OK)]
    [InlineData("/topics?topic=news:today", "", HttpStatusCode.OK)]
    [InlineData("/topics?topic=news:today&topic=a", "", HttpStatusCode.Forbidden)]
    [InlineData("/auctions/7/events", "", HttpStatusCode.Forbidden)]
    [InlineData("/auctions/7/events", "auctions:7", HttpStatusCode.OK)]
    [InlineData("/auctions/of-anna/events", "", HttpStatusCode.OK)]
    [InlineData("/auctions/of-eve/events", "", HttpStatusCode.Forbidden)]
    [InlineData("/feed?topic=a", "", HttpStatusCode.OK)]
    public async Task A_topic_that_the_client_names_is_delivered_to_whoever_has_the_right_to_it(string target, string rights, HttpStatusCode expected)
    {
        var token = Tokens.For("anna", new Dictionary<string, object> { ["sse_sub"] = rights.Split(' ') });
        foreach (var replica in new[] { shop.Alone, shop.One, shop.Other })
        {
            using var response = await replica.SendAsync(HttpMethod.Get, target, token);
            Assert.Equal(expected, response.StatusCode);
        }
    }

    [Theory]
    [InlineData("/auctions/7/events")]
    [InlineData("/topics?topic=a")]
    public async Task Who_is_nobody_is_asked_to_sign_in(string target)
    {
        using var response = await shop.One.SendAsync(HttpMethod.Get, target, token: null);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("Bearer", response.Headers.WwwAuthenticate.Single().Scheme);
    }

    [Theory]
    [InlineData("a", "a", HttpStatusCode.OK)]
    [InlineData("a", "", HttpStatusCode.Forbidden)]
    [InlineData("a", "b", HttpStatusCode.Forbidden)]
    [InlineData("shop:1", "shop:*", HttpStatusCode.OK)]
    [InlineData("news:today", "", HttpStatusCode.Forbidden)]
    public async Task Publishing_takes_the_right_to_each_topic(string topic, string rights, HttpStatusCode expected)
    {
        var token = Tokens.For("carl", new Dictionary<string, object> { ["sse_pub"] = rights.Split(' '), ["sse_sub"] = Everything });
        using var one = await shop.One.SendAsync(HttpMethod.Post, "/anybody/publish", token, $$"""{"topic":"{{topic}}","data":1}""");
        using var mixed = await shop.One.SendAsync(HttpMethod.Post, "/anybody/publish", token, $$"""[{"topic":"{{topic}}","data":1},{"topic":"of somebody else","data":1}]""");
        using var nobody = await shop.One.SendAsync(HttpMethod.Post, "/anybody/publish", token: null, $$"""{"topic":"{{topic}}","data":1}""");

        Assert.Equal(expected, one.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, mixed.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);
    }
}
