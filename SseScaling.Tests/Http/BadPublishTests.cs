using System.Text;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Http;

/// <summary>Bodies that are refused: nothing of them reaches Redis, and the connection survives.</summary>
public sealed class BadPublishTests(DirectOnRedis fixture) : IClassFixture<DirectOnRedis>
{
    private const string Good = """{"topic":"a","data":1}""";
    private const int MaxBody = 64 << 10;

    [Theory]
    [InlineData("", "no valid JSON")]
    [InlineData("{", "no valid JSON")]
    [InlineData("nonsense", "no valid JSON")]
    [InlineData("""{"topic":"a","data":1}}""", "no valid JSON")]
    [InlineData("""{"topic":"a","data":1,}""", "no valid JSON")]
    [InlineData("""{"topic":"a","data":1 // comment""", "no valid JSON")]
    [InlineData("""{"topic":"a","data":NaN}""", "no valid JSON")]
    [InlineData("\ufeff" + Good, "no valid JSON")]
    [InlineData("[]", "array is empty")]
    [InlineData("1", "An event is an object")]
    [InlineData("null", "An event is an object")]
    [InlineData("[1]", "An event is an object")]
    [InlineData($"[[{Good}]]", "An event is an object")]
    [InlineData("""{"data":1}""", "'topic' is missing")]
    [InlineData("""{"topic":null,"data":1}""", "'topic' is a string")]
    [InlineData("""{"topic":5,"data":1}""", "'topic' is a string")]
    [InlineData("""{"topic":"","data":1}""", "topic is empty")]
    [InlineData("""{"topic":"sse:control","data":1}""", "begin with sse:")]
    [InlineData("""{"topic":"sse\u003asocial","data":1}""", "begin with sse:")]
    [InlineData("""{"topic":"posts:7","data":1}""", "use POST /api/posts")]
    [InlineData("""{"topic":"a\nb","data":1}""", "control characters")]
    [InlineData("""{"topic":"a\u0000b","data":1}""", "control characters")]
    [InlineData("""{"topic":"a\ud800b","data":1}""", "valid Unicode")]
    [InlineData("""{"topic":"a"}""", "'data' is missing")]
    [InlineData("""{"topic":"a","data":1,"durable":"yes"}""", "'durable' is true or false")]
    [InlineData("""{"topic":"a","data":1,"event":5}""", "'event' is a string")]
    [InlineData("""{"topic":"a","data":1,"event":"x\nid: 9-9"}""", "'event' has at most 256 bytes and no control characters")]
    [InlineData("""{"topic":"a","data":1,"event":"gap"}""", "'gap' is the stream's own")]
    [InlineData("""{"topic":"a","data":1,"event":"error"}""", "'error' is the stream's own")]
    [InlineData("""{"topic":"a","data":1,"key":""}""", "'key' has 1 to 256 bytes")]
    [InlineData("""{"topic":"a","data":1,"key":"\u0000"}""", "'key' has 1 to 256 bytes")]
    [InlineData("""{"topic":"a","data":1,"id":"1-1"}""", "'id' is unknown")]
    [InlineData("""{"Topic":"a","data":1}""", "'Topic' is unknown")]
    [InlineData($$"""[{{Good}},{"topic":"a","data":1,"x":2}]""", "'x' is unknown")]
    [InlineData($"[{Good},", "no valid JSON")]
    public async Task A_bad_body_is_told_what_to_change(string body, string sentence) => await RefusedAsync(Encoding.UTF8.GetBytes(body), 400, sentence);

    [Fact]
    public async Task A_topic_a_name_or_a_key_that_is_too_long_is_refused()
    {
        var text = new string('x', 257);
        await RefusedAsync(Encoding.UTF8.GetBytes($$"""{"topic":"{{text}}","data":1}"""), 400, "at most 256 bytes");
        await RefusedAsync(Encoding.UTF8.GetBytes($$"""{"topic":"a","data":1,"event":"{{text}}"}"""), 400, "'event' has at most 256 bytes");
        await RefusedAsync(Encoding.UTF8.GetBytes($$"""{"topic":"a","data":1,"key":"{{text}}"}"""), 400, "'key' has 1 to 256 bytes");
    }

    [Theory]
    [InlineData("{\"topic\":\"a\",\"data\":\"\u00ff\"}")]
    [InlineData("{\"topic\":\"a\",\"data\":{\"k\":\"\u00c0\u0080\"}}")]
    [InlineData("{\"topic\":\"a\u00ff\",\"data\":1}")]
    [InlineData("{\"topic\":\"a\",\"data\":\"\u00ed\u00a0\u0080\"}")]
    public async Task Bytes_that_are_no_utf8_are_refused(string latin1) => await RefusedAsync(Encoding.Latin1.GetBytes(latin1), 400, "UTF-8");

    [Theory]
    [InlineData(MaxBody + 1)]
    [InlineData(1 << 20)]
    public async Task A_body_that_is_too_large_gets_413_and_the_connection_survives(int length)
    {
        var body = $"{{\"topic\":\"a\",\"data\":\"{new string('x', length - 23)}\"}}";
        await using var connection = await RawConnection.OpenAsync(fixture.Api.Port);

        await connection.SendAsync($"POST /api/publish HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        await TooLargeAsync(connection);

        await connection.SendGetAsync("/alive");
        Assert.StartsWith("HTTP/1.1 200 ", await connection.ReadResponseAsync(), StringComparison.Ordinal);
        await NothingReachedRedisAsync();
    }

    [Fact]
    public async Task A_body_without_a_length_that_becomes_too_large_gets_413()
    {
        await using var connection = await RawConnection.OpenAsync(fixture.Api.Port);

        await connection.SendAsync("POST /api/publish HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (var i = 0; i < 5; i++)
            await connection.SendAsync($"4000\r\n{new string(' ', 0x4000)}\r\n");
        await connection.SendAsync("0\r\n\r\n");
        await TooLargeAsync(connection);

        await connection.SendGetAsync("/alive");
        Assert.StartsWith("HTTP/1.1 200 ", await connection.ReadResponseAsync(), StringComparison.Ordinal);
        await NothingReachedRedisAsync();
    }

    [Fact]
    public async Task Json_that_is_nested_too_deep_is_told_so() =>
        await RefusedAsync(Encoding.UTF8.GetBytes($$"""{"topic":"a","data":{{new string('[', 64)}}{{new string(']', 64)}}}"""), 400, "nested more than 64 deep");

    [Theory]
    [InlineData("Content-Type: text/plain", "Content-Type: application/json")]
    [InlineData("Content-Type: application/x-www-form-urlencoded", "Content-Type: application/json")]
    [InlineData("X: none", "Content-Type: application/json")]
    [InlineData("Content-Type: application/json\r\nContent-Encoding: gzip", "without the header Content-Encoding")]
    public async Task A_body_that_is_no_plain_json_is_refused_with_415(string fields, string sentence)
    {
        await using var connection = await RawConnection.OpenAsync(fixture.Api.Port);

        await connection.SendAsync($"POST /api/publish HTTP/1.1\r\nHost: a\r\n{fields}\r\nContent-Length: {Good.Length}\r\n\r\n{Good}");

        var answer = await connection.ReadResponseAsync();
        Assert.StartsWith("HTTP/1.1 415 ", answer, StringComparison.Ordinal);
        Assert.Contains(sentence, answer, StringComparison.Ordinal);
        await NothingReachedRedisAsync();
    }

    [Theory]
    [InlineData("POST /api/publish", "Transfer-Encoding: chunked\r\n\r\nzz\r\n")]
    [InlineData("POST /api/posts", "Transfer-Encoding: chunked\r\n\r\nzz\r\n")]
    [InlineData("PUT /api/users/7/interests", "Transfer-Encoding: chunked\r\n\r\nzz\r\n")]
    public async Task A_body_that_cannot_be_read_is_the_clients_mistake(string request, string rest)
    {
        await using var connection = await RawConnection.OpenAsync(fixture.Api.Port);

        await connection.SendAsync($"{request} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n{rest}");

        var answer = await connection.ReadResponseAsync();
        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("application/problem+json", answer, StringComparison.Ordinal);
        Assert.Equal(0, fixture.Api.Count("fail: "));
    }

    [Fact]
    public async Task Bad_stream_requests_subscribe_nothing()
    {
        foreach (var target in StreamContract.BadTargets())
        {
            using var response = await fixture.Http.GetAsync(new Uri(target.Data.Item1, UriKind.Relative), TestContext.Current.CancellationToken);
            await response.ProblemAsync(400);
        }

        await NothingReachedRedisAsync();
    }

    private static async Task TooLargeAsync(RawConnection connection)
    {
        var answer = await connection.ReadResponseAsync();
        Assert.StartsWith("HTTP/1.1 413 ", answer, StringComparison.Ordinal);
        Assert.Contains("application/problem+json", answer, StringComparison.Ordinal);
        Assert.Contains("at most 65536 bytes", answer, StringComparison.Ordinal);
    }

    private async Task RefusedAsync(byte[] body, int status, string sentence)
    {
        using var response = await fixture.Http.PostPublishAsync(body);
        Assert.Contains(sentence, await response.DetailAsync(status), StringComparison.Ordinal);
        await NothingReachedRedisAsync();
    }

    private async Task NothingReachedRedisAsync()
    {
        var redis = fixture.Redis!;

        // Replicas tell each other of themselves and try whether Redis does its work, and the Redis client has a channel of its own; of topics there is nothing.
        var keys = (await redis.CliAsync("KEYS", "*{t=*")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(keys, key => Assert.EndsWith("{t=sse:probe}", key, StringComparison.Ordinal));
        var channels = (await redis.CliAsync("PUBSUB", "CHANNELS")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(channels, channel => Assert.Matches("^(sse:|__Booksleeve_MasterChanged$)", channel));
    }
}
