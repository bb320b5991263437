using System.Net;
using System.Text;
using System.Text.Json;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Social;

/// <summary>The social calls in short.</summary>
internal static class SocialCalls
{
    private static int _users;

    /// <summary>A user whom no other test knows.</summary>
    public static string NewUser(string name = "user") => $"{name}-{Interlocked.Increment(ref _users)}";

    public static async Task<HttpResponseMessage> SendAsync(this HttpClient http, HttpMethod method, string path, string? json = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (json is not null)
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        return await http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public static async Task DoneAsync(this HttpClient http, HttpMethod method, string path, string? json = null)
    {
        using var response = await http.SendAsync(method, path, json);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }

    public static Task FollowAsync(this HttpClient http, string author, string follower) => http.DoneAsync(HttpMethod.Put, $"/api/users/{author}/followers/{follower}");

    public static async Task<JsonElement> JsonAsync(this HttpClient http, string path)
    {
        using var response = await http.SendAsync(HttpMethod.Get, path);
        return await ReadAsync(response);
    }

    public static async Task<long> PostAsync(this HttpClient http, string author, string post)
    {
        using var response = await http.SendAsync(HttpMethod.Post, "/api/posts", $$"""{"authorId":"{{author}}","postId":"{{post}}"}""");
        return (await ReadAsync(response)).GetProperty("recipients").GetInt64();
    }

    public static Task<SseClient> OpenUserAsync(this HttpClient http, string user, string more = "", string? lastEventId = null) =>
        SseClient.OpenAsync(http, $"/api/notifications?userId={user}{more}", lastEventId);

    public static Task<string?> NotifyAsync(this HttpClient http, string user, string data, string more = "") =>
        http.PublishAsync("notifications:" + user, data, more);

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{response.RequestMessage?.RequestUri} got {(int)response.StatusCode}: {text}");
        using var answer = JsonDocument.Parse(text);
        return answer.RootElement.Clone();
    }
}
