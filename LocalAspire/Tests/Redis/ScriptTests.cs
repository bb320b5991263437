using StackExchange.Redis;
using Xunit;

namespace LocalAspire.Tests.Redis;

public sealed class ScriptTests(RedisServer server) : IClassFixture<RedisServer>, IAsyncLifetime
{
    private ConnectionMultiplexer _redis = null!;

    private IDatabase Database => _redis.GetDatabase();

    public async ValueTask InitializeAsync() => _redis = await server.ConnectAsync();

    public async ValueTask DisposeAsync() => await _redis.DisposeAsync();

    [Fact]
    public async Task Every_shape_of_reply_is_read()
    {
        var result = await Database.ScriptEvaluateAsync(
            "return {1, ARGV[1], {KEYS[1], 'x'}, false, redis.status_reply('FINE'), {err='MINE error'}}", ["key"], [new byte[] { 0, 255 }]);

        Assert.Equal(6, result.Length);
        Assert.Equal(1, (long)result[0]);
        Assert.Equal([0, 255], (byte[]?)result[1]);
        Assert.Equal(["key", "x"], (RedisValue[])result[2]!);
        Assert.True(result[3].IsNull);
        Assert.Null((RedisValue[]?)result[3]);
        Assert.Equal((ResultType.SimpleString, "FINE"), (result[4].Resp2Type, (string?)result[4]));
        Assert.Equal("MINE error", Assert.Throws<RedisServerException>(() => (string?)result[5]).Message);
        Assert.Throws<InvalidCastException>(() => (string?)result);
    }

    [Fact]
    public async Task A_script_is_sent_once_and_then_by_its_hash()
    {
        const string Script = "return 'sent once'";
        for (var i = 0; i < 10; i++)
            Assert.Equal("sent once", (string?)await Database.ScriptEvaluateAsync(Script));

        var calls = (string?)await Database.ExecuteAsync("INFO", "commandstats");
        await Database.ScriptEvaluateAsync(Script);
        var after = (string?)await Database.ExecuteAsync("INFO", "commandstats");
        Assert.Equal(Calls(calls, "eval"), Calls(after, "eval"));
        Assert.Equal(Calls(calls, "evalsha") + 1, Calls(after, "evalsha"));

        await Database.ScriptEvaluateAsync(Script, flags: CommandFlags.NoScriptCache);
        Assert.Equal(Calls(after, "eval") + 1, Calls((string?)await Database.ExecuteAsync("INFO", "commandstats"), "eval"));
    }

    [Fact]
    public async Task A_script_that_the_server_has_lost_is_sent_again()
    {
        const string Script = "return {KEYS[1], ARGV[1]}";
        await Database.ScriptEvaluateAsync(Script, ["k"], ["v"]);
        await Database.ExecuteAsync("SCRIPT", "FLUSH");

        var results = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Database.ScriptEvaluateAsync(Script, ["k"], [i])));
        Assert.Equal(Enumerable.Range(0, 50), results.Select(result => (int)result[1]));
    }

    [Fact]
    public async Task Errors_of_a_script_are_server_exceptions()
    {
        var failed = await Assert.ThrowsAsync<RedisServerException>(() => Database.ScriptEvaluateAsync("return redis.error_reply('MINE went wrong')"));
        Assert.StartsWith("MINE went wrong", failed.Message, StringComparison.Ordinal);

        for (var i = 0; i < 2; i++)
            await Assert.ThrowsAsync<RedisServerException>(() => Database.ScriptEvaluateAsync("this is not Lua"));
    }

    private static int Calls(string? statistics, string command)
    {
        var line = statistics!.Split("\r\n").SingleOrDefault(line => line.StartsWith($"cmdstat_{command}:", StringComparison.Ordinal));
        return line is null ? 0 : int.Parse(line.Split("calls=")[1].Split(',')[0], System.Globalization.CultureInfo.InvariantCulture);
    }
}
