using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Xunit;

namespace SseScaling.Tests.Testing;

/// <summary>The calls of the API's contract in short.</summary>
internal static class ApiCalls
{
    private const int PerBody = 500;

    public static Task<HttpResponseMessage> PostPublishAsync(this HttpClient http, string json) =>
        http.PostPublishAsync(Encoding.UTF8.GetBytes(json));

    public static async Task<HttpResponseMessage> PostPublishAsync(this HttpClient http, byte[] body)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return await http.PostAsync(new Uri("/api/publish", UriKind.Relative), content, TestContext.Current.CancellationToken);
    }

    /// <summary>Publishes one event as it stands and returns its id; null when it is not durable.</summary>
    public static async Task<string?> PublishAsync(this HttpClient http, string topic, string data, string more = "") =>
        (await http.PublishBodyAsync($"{{\"topic\":{Quote(topic)},\"data\":{data}{more}}}"))[0];

    /// <summary>Publishes the numbers of a range as events of one topic and returns their ids.</summary>
    public static async Task<List<string>> PublishNumbersAsync(this HttpClient http, string topic, int first, int count)
    {
        var ids = new List<string>();
        foreach (var numbers in Enumerable.Range(first, count).Chunk(PerBody))
        {
            var events = numbers.Select(number => string.Create(CultureInfo.InvariantCulture, $"{{\"topic\":{Quote(topic)},\"data\":{number}}}"));
            ids.AddRange((await http.PublishBodyAsync($"[{string.Join(',', events)}]"))!);
        }

        return ids;
    }

    public static async Task<string?[]> PublishBodyAsync(this HttpClient http, string json)
    {
        using var response = await http.PostPublishAsync(json);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, $"Publishing got {(int)response.StatusCode}: {text}");
        using var answer = JsonDocument.Parse(text);
        return [.. answer.RootElement.EnumerateArray().Select(one => one.GetProperty("id").GetString())];
    }

    /// <summary>The figures of the replica that answers.</summary>
    public static async Task<JsonElement> StatsAsync(this HttpClient http) =>
        (await http.GetFromJsonAsync<JsonElement>("/api/stats", TestContext.Current.CancellationToken)).GetProperty("replica");

    /// <summary>Whether a replica listens and is ready.</summary>
    public static async Task<bool> IsHealthyAsync(this HttpClient http)
    {
        try
        {
            using var health = await http.GetAsync(new Uri("/health", UriKind.Relative), TestContext.Current.CancellationToken);
            return health.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    public static async Task<JsonElement> ProblemAsync(this HttpResponseMessage response, int status)
    {
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(status == (int)response.StatusCode, $"Expected {status}, got {(int)response.StatusCode}: {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        using var problem = JsonDocument.Parse(text);
        Assert.Equal(status, problem.RootElement.GetProperty("status").GetInt32());
        return problem.RootElement.Clone();
    }

    /// <summary>Checks for a problem of RFC 9457 and returns its sentence.</summary>
    public static async Task<string> DetailAsync(this HttpResponseMessage response, int status) =>
        (await response.ProblemAsync(status)).GetProperty("detail").GetString()!;

    public static string[] Numbers(int first, int count) =>
        [.. Enumerable.Range(first, count).Select(number => number.ToString(CultureInfo.InvariantCulture))];

    public static string Quote(string text) => JsonSerializer.Serialize(text);
}
