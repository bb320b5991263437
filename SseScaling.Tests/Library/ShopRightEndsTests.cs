using System.Net;
using System.Text.Json;
using SseScaling.Tests.Application;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Library;

/// <summary>A right ends, and the stream with it; a new one comes, and the stream goes on where it stood.</summary>
public sealed class ShopRightEndsTests(ShopReplicas shop) : IClassFixture<ShopReplicas>
{
    private static readonly string[] All = ["*"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stream_ends_before_its_token_does_and_goes_on_with_the_next_one() =>
        await Task.WhenAll(Enum.GetValues<Way>().Select(ExpiresAsync));

    [Fact]
    public async Task A_stream_is_extended_by_a_new_token_from_any_replica_and_loses_the_topics_that_it_has_no_right_to() =>
        await Task.WhenAll(Enum.GetValues<Way>().Select(ExtendsAsync));

    [Fact]
    public async Task What_is_revoked_ends_for_good_on_every_replica_and_a_newer_token_is_taken()
    {
        var user = "zoe";
        var old = Tokens.For(user, new Dictionary<string, object> { ["sse_sub"] = All, ["sse_pub"] = All }, issued: DateTime.UtcNow.AddSeconds(-5));
        var streams = await Task.WhenAll(Enum.GetValues<Way>().Select(way => ShopReplicas.OpenAsync(way == Way.Response ? shop.Other : shop.One, way, "/topics?topic=a", old)));
        await using var bystander = await ShopReplicas.OpenAsync(shop.Other, Way.Socket, "/topics?topic=a", Token("yan"));

        await shop.Other.Connections.RevokeAsync(SseTarget.User(user), DateTimeOffset.UtcNow.AddSeconds(-2), Cancellation);

        foreach (var stream in streams)
        {
            await stream.Ended.WaitAsync(Eventually.Deadline, Cancellation);
            await RefusedAsync(old, stream.LastEventId);
            await stream.DisposeAsync();
        }

        await using var restarted = await shop.StartAsync();
        using (var late = await restarted.SendAsync(HttpMethod.Get, "/topics?topic=a", old))
            Assert.Equal(HttpStatusCode.Unauthorized, late.StatusCode);
        await using var again = await ShopReplicas.OpenAsync(restarted, Way.Socket, "/topics?topic=a", Token(user));
        await shop.One.Publisher.PublishAsync("a", 1, cancellationToken: Cancellation);
        Assert.Equal("1", (await again.NextAsync()).Data);
        Assert.Equal("1", (await bystander.NextAsync()).Data);
    }

    [Fact]
    public async Task One_token_is_revoked_by_its_name()
    {
        var (lost, kept) = (Token("una", ("jti", "lost")), Token("una", ("jti", "kept")));
        await using var ended = await ShopReplicas.OpenAsync(shop.One, Way.Socket, "/topics?topic=b", lost);
        await using var open = await ShopReplicas.OpenAsync(shop.Other, Way.Socket, "/topics?topic=b", kept);

        await shop.Other.Connections.RevokeAsync(SseTarget.Token("lost"), DateTimeOffset.UtcNow.AddSeconds(1), Cancellation);

        await ended.Ended.WaitAsync(Eventually.Deadline, Cancellation);
        await shop.One.Publisher.PublishAsync("b", 1, cancellationToken: Cancellation);
        Assert.Equal("1", (await open.NextAsync()).Data);
    }

    [Fact]
    public async Task Topics_and_connections_have_no_rights() =>
        await Assert.ThrowsAsync<ArgumentException>(() => shop.One.Connections.RevokeAsync(SseTarget.Topic("a"), cancellationToken: Cancellation));

    private async Task ExpiresAsync(Way way)
    {
        var topic = $"expiry:{way}";
        var end = DateTime.UtcNow.AddSeconds(6);
        var (own, other) = shop.Find(isShared: true, way);
        await using var stream = await ShopReplicas.OpenAsync(own, way, $"/topics?topic={topic}", Token("vera", TimeSpan.FromSeconds(6)));
        await own.Publisher.PublishAsync(topic, 1, cancellationToken: Cancellation);
        Assert.Equal("1", (await stream.NextAsync()).Data);

        var told = await stream.NextAsync();
        Assert.Equal("reauthenticate", told.EventType);
        Assert.InRange(JsonDocument.Parse(told.Data).RootElement.GetProperty("expiresAt").GetDateTime(), end.AddSeconds(-2), end.AddSeconds(2));
        await stream.Ended.WaitAsync(Eventually.Deadline, Cancellation);
        Assert.True(DateTime.UtcNow <= end.AddSeconds(1));
        await other.Publisher.PublishAsync(topic, 2, cancellationToken: Cancellation);

        await using var again = await ShopReplicas.OpenAsync(other, way == Way.Response ? Way.Socket : Way.Response, $"/topics?topic={topic}", Token("vera"), stream.LastEventId);
        Assert.Equal("2", (await again.NextAsync()).Data);
    }

    private async Task ExtendsAsync(Way way)
    {
        var topic = $"renewal:{way}";
        var (own, other) = shop.Find(isShared: true, way);
        await using var stream = await ShopReplicas.OpenAsync(own, way, $"/topics?topic={topic}&topic={topic}:secret", Token("wim", TimeSpan.FromSeconds(5)));
        var told = await stream.NextAsync();
        Assert.Equal("reauthenticate", told.EventType);
        var target = $"/topics/refresh?id={Uri.EscapeDataString(JsonDocument.Parse(told.Data).RootElement.GetProperty("id").GetString()!)}";

        using (var nobody = await other.SendAsync(HttpMethod.Post, target, token: null))
            Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);
        using (var another = await other.SendAsync(HttpMethod.Post, target, Token("xaver")))
            Assert.Equal(HttpStatusCode.Forbidden, another.StatusCode);
        using (var absent = await other.SendAsync(HttpMethod.Post, "/topics/refresh?id=nobody%2F1", Token("wim")))
            Assert.Equal(HttpStatusCode.NotFound, absent.StatusCode);
        using (var unnamed = await other.SendAsync(HttpMethod.Post, "/topics/refresh", Token("wim")))
            Assert.Equal(HttpStatusCode.BadRequest, unnamed.StatusCode);
        using (var extended = await other.SendAsync(HttpMethod.Post, target, Tokens.For("wim", new Dictionary<string, object> { ["sse_sub"] = new[] { topic } })))
        {
            Assert.Equal(HttpStatusCode.OK, extended.StatusCode);
            var answer = JsonDocument.Parse(await extended.Content.ReadAsStringAsync(Cancellation)).RootElement;
            Assert.InRange(answer.GetProperty("tokenLifetimeSeconds").GetInt64(), 3_500, 3_600);
            Assert.Equal($"{topic}:secret", answer.GetProperty("revoked")[0].GetString());
        }

        var revoked = await stream.NextAsync();
        Assert.Equal(("revoked", $$"""{"topic":"{{topic}}:secret"}"""), (revoked.EventType, revoked.Data));

        // Behind the end of the first token.
        await Task.WhenAny(stream.Ended, Task.Delay(TimeSpan.FromSeconds(5), Cancellation));
        await own.Publisher.PublishAsync($"{topic}:secret", 1, cancellationToken: Cancellation);
        await own.Publisher.PublishAsync(topic, 2, cancellationToken: Cancellation);
        Assert.Equal("2", (await stream.NextAsync()).Data);
        Assert.False(stream.Ended.IsCompleted);
    }

    private async Task RefusedAsync(string token, string lastEventId)
    {
        foreach (var replica in new[] { shop.One, shop.Other })
        {
            using var browser = await BrowserAsync(replica, token, lastEventId);
            Assert.Equal(HttpStatusCode.NoContent, browser.StatusCode);
            using var script = await replica.SendAsync(HttpMethod.Get, "/topics?topic=a", token);
            Assert.Equal(HttpStatusCode.Unauthorized, script.StatusCode);
            using var publisher = await replica.SendAsync(HttpMethod.Post, "/anybody/publish", token, """{"topic":"a","data":"never"}""");
            Assert.Equal(HttpStatusCode.Unauthorized, publisher.StatusCode);
        }
    }

    private static async Task<HttpResponseMessage> BrowserAsync(ShopReplica replica, string token, string lastEventId)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/topics?topic=a");
        request.Headers.Authorization = new("Bearer", token);
        request.Headers.Add("Accept", "text/event-stream");
        request.Headers.Add("Last-Event-ID", lastEventId);
        return await replica.Plain.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
    }

    private static string Token(string user, TimeSpan? life = null) => Tokens.For(user, new Dictionary<string, object> { ["sse_sub"] = All }, life);

    private static string Token(string user, (string Name, string Value) claim) =>
        Tokens.For(user, new Dictionary<string, object> { ["sse_sub"] = All, [claim.Name] = claim.Value });
}
