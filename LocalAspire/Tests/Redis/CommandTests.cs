using StackExchange.Redis;
using Xunit;

namespace LocalAspire.Tests.Redis;

/// <summary>Every command against a real server.</summary>
public sealed class CommandTests(RedisServer server) : IClassFixture<RedisServer>, IAsyncLifetime
{
    private readonly RedisKey _key = Guid.NewGuid().ToString("N");
    private ConnectionMultiplexer _redis = null!;

    private IDatabase Database => _redis.GetDatabase();

    public async ValueTask InitializeAsync() => _redis = await server.ConnectAsync();

    public async ValueTask DisposeAsync() => await _redis.DisposeAsync();

    [Fact]
    public async Task Keys_and_strings()
    {
        Assert.True(await Database.PingAsync() > TimeSpan.Zero);
        Assert.True((await Database.StringGetAsync(_key)).IsNull);
        Assert.True(await Database.StringSetAsync(_key, "a"));
        Assert.False(await Database.StringSetAsync(_key, "b", null, When.NotExists));
        Assert.True(await Database.StringSetAsync(_key, "b", TimeSpan.FromSeconds(90), When.Exists));
        Assert.InRange((await Database.KeyTimeToLiveAsync(_key))!.Value, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(90));
        Assert.True(await Database.StringSetAsync(_key, "c", keepTtl: true));
        Assert.NotNull(await Database.KeyTimeToLiveAsync(_key));
        Assert.False(await Database.KeyExpireAsync(_key, TimeSpan.FromSeconds(10), ExpireWhen.HasNoExpiry));
        Assert.True(await Database.KeyExpireAsync(_key, null));
        Assert.Null(await Database.KeyTimeToLiveAsync(_key));
        Assert.True(await Database.KeyExpireAsync(_key, TimeSpan.FromMinutes(1)));
        Assert.Equal("c", await Database.StringGetAsync(_key));
        Assert.Equal(["c", RedisValue.Null], await Database.StringGetAsync([_key, "none"]));
        Assert.True(await Database.KeyExistsAsync(_key));
        Assert.Equal(1, await Database.KeyExistsAsync([_key, "none"]));
        Assert.True(await Database.KeyDeleteAsync(_key));
        Assert.Equal(0, await Database.KeyDeleteAsync([_key, "none"]));
        Assert.Equal(5, await Database.StringIncrementAsync(_key, 5));
        Assert.True(await Database.StringSetAsync(_key, RedisValue.Null));
        Assert.False(await Database.KeyExistsAsync(_key));
    }

    [Fact]
    public async Task Hashes()
    {
        await Database.HashSetAsync(_key, [new HashEntry("a", 1), new HashEntry("b", "x")]);
        Assert.True(await Database.HashSetAsync(_key, "c", 2.5));
        Assert.False(await Database.HashSetAsync(_key, "c", 3.5, When.NotExists));
        Assert.Equal(3, await Database.HashLengthAsync(_key));
        Assert.Equal([1, RedisValue.Null, 2.5], await Database.HashGetAsync(_key, ["a", "none", "c"]));
        Assert.Equal("x", await Database.HashGetAsync(_key, "b"));
        Assert.Equal([new("a", 1), new("b", "x"), new("c", 2.5)], await Database.HashGetAllAsync(_key));
        Assert.Equal(11, await Database.HashIncrementAsync(_key, "a", 10));
        Assert.Equal(2.75, await Database.HashIncrementAsync(_key, "c", 0.25));
        Assert.True(await Database.HashExistsAsync(_key, "a"));
        Assert.True(await Database.HashDeleteAsync(_key, "a"));
        Assert.Equal(2, await Database.HashDeleteAsync(_key, ["a", "b", "c"]));
        Assert.Empty(await Database.HashGetAllAsync(_key));
    }

    [Fact]
    public async Task Sets()
    {
        Assert.True(await Database.SetAddAsync(_key, "a"));
        Assert.Equal(2, await Database.SetAddAsync(_key, ["a", "b", "c"]));
        Assert.Equal(3, await Database.SetLengthAsync(_key));
        Assert.True(await Database.SetContainsAsync(_key, "b"));
        var contained = await Database.SetContainsAsync(_key, ["c", "d"]);
        Assert.True(contained is [true, false]);
        Assert.Equal(["a", "b", "c"], (await Database.SetMembersAsync(_key)).Order());
        Assert.True(await Database.SetRemoveAsync(_key, "a"));
        Assert.Equal(2, await Database.SetRemoveAsync(_key, ["a", "b", "c"]));
    }

    [Fact]
    public async Task A_set_is_scanned_page_by_page()
    {
        await Database.SetAddAsync(_key, [.. Enumerable.Range(0, 5000).Select(i => (RedisValue)$"member-{i}")]);

        var all = new HashSet<string?>();
        await foreach (var value in Database.SetScanAsync(_key, pageSize: 100))
            all.Add(value);

        var some = new HashSet<string?>();
        await foreach (var value in Database.SetScanAsync(_key, "member-1??"))
            some.Add(value);

        Assert.Equal(5000, all.Count);
        Assert.Equal(100, some.Count);
    }

    [Fact]
    public async Task Sorted_sets()
    {
        Assert.True(await Database.SortedSetAddAsync(_key, "a", 1));
        Assert.Equal(2, await Database.SortedSetAddAsync(_key, [new("a", 1), new("b", 2.5), new("c", 3)]));
        Assert.False(await Database.SortedSetAddAsync(_key, "a", 9, SortedSetWhen.NotExists));
        Assert.Equal(3, await Database.SortedSetLengthAsync(_key));
        Assert.Equal(1, await Database.SortedSetLengthAsync(_key, 1, 2.5, Exclude.Start));
        Assert.Equal(["a", "b", "c"], await Database.SortedSetRangeByRankAsync(_key));
        Assert.Equal(["c", "b"], await Database.SortedSetRangeByRankAsync(_key, 0, 1, Order.Descending));
        Assert.Equal([new("b", 2.5)], await Database.SortedSetRangeByRankWithScoresAsync(_key, 1, 1));
        Assert.Equal(["b", "c"], await Database.SortedSetRangeByScoreAsync(_key, 2));
        Assert.Equal(["c", "b"], await Database.SortedSetRangeByScoreAsync(_key, 1, 3, Exclude.Start, Order.Descending));
        Assert.Equal(["b"], await Database.SortedSetRangeByScoreAsync(_key, skip: 1, take: 1));
        Assert.Equal([new("c", 3)], await Database.SortedSetRangeByScoreWithScoresAsync(_key, 3));
        Assert.Equal(2.5, await Database.SortedSetScoreAsync(_key, "b"));
        Assert.Null(await Database.SortedSetScoreAsync(_key, "none"));
        Assert.Equal(1, await Database.SortedSetRemoveRangeByScoreAsync(_key, double.NegativeInfinity, 1));
        Assert.True(await Database.SortedSetRemoveAsync(_key, "b"));
        Assert.Equal(1, await Database.SortedSetRemoveAsync(_key, ["b", "c"]));
    }

    [Fact]
    public async Task Streams()
    {
        Assert.Equal("1-1", await Database.StreamAddAsync(_key, "f", "a", "1-1"));
        Assert.Equal("1-2", await Database.StreamAddAsync(_key, [new("f", "b"), new("g", "c")], "1-2", maxLength: 100, useApproximateMaxLength: true));
        var generated = await Database.StreamAddAsync(_key, "f", "d");
        Assert.Equal(3, await Database.StreamLengthAsync(_key));

        var entries = await Database.StreamRangeAsync(_key);
        Assert.Equal(["1-1", "1-2", generated], entries.Select(entry => entry.Id));
        Assert.Equal([new("f", "b"), new("g", "c")], entries[1].Values);
        Assert.Equal("c", entries[1]["g"]);
        Assert.True(entries[1]["none"].IsNull);
        Assert.Equal(["1-2"], (await Database.StreamRangeAsync(_key, "(1-1", count: 1)).Select(entry => entry.Id));
        Assert.Equal(["1-2", "1-1"], (await Database.StreamRangeAsync(_key, maxId: "1-2", messageOrder: Order.Descending)).Select(entry => entry.Id));
        Assert.Empty(await Database.StreamRangeAsync("none"));
        Assert.Equal(1, await Database.StreamDeleteAsync(_key, ["1-1"]));
    }

    [Fact]
    public async Task A_long_stream_is_read_whole_again_and_again()
    {
        var value = new string('x', 1000);
        await Task.WhenAll(Enumerable.Range(1, 3000).Select(i => Database.StreamAddAsync(_key, "f", $"{i}{value}", $"{i}-1")));
        for (var round = 0; round < 5; round++)
        {
            var entries = await Database.StreamRangeAsync(_key);
            Assert.Equal(Enumerable.Range(1, 3000).Select(i => $"{i}{value}"), entries.Select(entry => (string?)entry["f"]));
            Assert.Equal(2, (await Database.StreamRangeAsync(_key, count: 2)).Length);
        }
    }

    [Fact]
    public async Task Consumer_groups()
    {
        Assert.True(await Database.StreamCreateConsumerGroupAsync(_key, "group", StreamPosition.Beginning));
        var error = await Assert.ThrowsAsync<RedisServerException>(() => Database.StreamCreateConsumerGroupAsync(_key, "group"));
        Assert.StartsWith("BUSYGROUP", error.Message, StringComparison.Ordinal);
        Assert.Empty(await Database.StreamReadGroupAsync(_key, "group", "one"));

        await Database.StreamAddAsync(_key, "f", 1, "1-1");
        await Database.StreamAddAsync(_key, "f", 2, "1-2");
        Assert.Equal(["1-1"], (await Database.StreamReadGroupAsync(_key, "group", "one", ">", 1)).Select(entry => entry.Id));
        var several = await Database.StreamReadGroupAsync([new StreamPosition(_key, StreamPosition.NewMessages)], "group", "one");
        Assert.Equal("1-2", Assert.Single(Assert.Single(several).Entries).Id);
        Assert.Equal(_key, several[0].Key);

        var claimed = await Database.StreamAutoClaimAsync(_key, "group", "two", 0, "0-0", 10);
        Assert.Equal(["1-1", "1-2"], claimed.ClaimedEntries.Select(entry => entry.Id));
        Assert.Equal("0-0", claimed.NextStartId);
        Assert.Empty(claimed.DeletedIds);
        Assert.Equal(1, await Database.StreamAcknowledgeAsync(_key, "group", "1-1"));
        Assert.Equal(1, await Database.StreamAcknowledgeAsync(_key, "group", ["1-1", "1-2"]));
    }

    [Fact]
    public async Task Any_command_can_be_sent_and_its_reply_read()
    {
        Assert.Equal("OK", (string?)await Database.ExecuteAsync("SET", _key, "7"));
        Assert.Equal(7, (int)await Database.ExecuteAsync("GET", [_key], CommandFlags.None));
        Assert.True((await Database.ExecuteAsync("GET", "none")).IsNull);
        var config = await Database.ExecuteAsync("CONFIG", "GET", "maxmemory");
        Assert.Equal((2, "maxmemory"), (config.Length, (string?)config[0]));
        Assert.Equal(["maxmemory", "0"], (RedisValue[])config!);
        await Assert.ThrowsAsync<RedisServerException>(() => Database.ExecuteAsync("NOSUCHCOMMAND"));
        await Assert.ThrowsAsync<RedisCommandException>(() => Database.ExecuteAsync("SET", _key, new object()));
    }

    [Fact]
    public async Task A_batch_is_sent_together_and_only_when_executed()
    {
        var batch = Database.CreateBatch();
        var set = batch.StringSetAsync(_key, "1");
        var increments = Enumerable.Range(0, 100).Select(_ => batch.StringIncrementAsync(_key)).ToArray();
        var script = batch.ScriptEvaluateAsync("return redis.call('GET', KEYS[1])", [_key]);
        await Database.PingAsync();
        Assert.False(set.IsCompleted);

        batch.Execute();
        Assert.True(await set);
        Assert.Equal(Enumerable.Range(2, 100).Select(i => (long)i), await Task.WhenAll(increments));
        Assert.Equal(101, (int)await script);
    }

    [Fact]
    public async Task Replies_belong_to_their_commands_however_many_threads_send()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(async () =>
        {
            for (var i = 0; i < 2000; i++)
                Assert.Equal($"{thread}:{i}", (string?)await Database.ExecuteAsync("ECHO", $"{thread}:{i}"));
        })));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65_535)]
    [InlineData(1024 * 1024)]
    [InlineData(5 * 1024 * 1024)]
    public async Task Values_of_any_size_and_content_survive(int size)
    {
        var value = new byte[size];
        new Random(size).NextBytes(value);
        await Database.StringSetAsync(_key, value);

        var copies = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Database.StringGetAsync(_key)));
        Assert.All(copies, copy => Assert.True(((ReadOnlyMemory<byte>)copy).Span.SequenceEqual(value)));
    }

    [Fact]
    public async Task Server_errors_are_exceptions_and_the_connection_goes_on()
    {
        await Database.StringSetAsync(_key, "text");
        var wrongType = await Assert.ThrowsAsync<RedisServerException>(() => Database.SetAddAsync(_key, "x"));
        Assert.StartsWith("WRONGTYPE", wrongType.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<RedisServerException>(() => Database.StringIncrementAsync(_key));
        Assert.Equal("text", await Database.StringGetAsync(_key));
    }

    [Fact]
    public async Task A_key_or_member_of_null_is_refused_before_it_is_sent()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Database.StringGetAsync(default(RedisKey)));
        await Assert.ThrowsAsync<ArgumentException>(() => Database.SetAddAsync(_key, RedisValue.Null));
        Assert.True((await Database.StringGetAsync(_key)).IsNull);
    }

    [Fact]
    public async Task Fire_and_forget_returns_at_once_and_is_executed()
    {
        Assert.False(await Database.StringSetAsync(_key, "x", null, When.Always, CommandFlags.FireAndForget));
        _ = Database.SetAddAsync(_key, "an error that nobody hears of", CommandFlags.FireAndForget);
        Assert.Equal("x", await Database.StringGetAsync(_key));
    }

    [Fact]
    public async Task The_database_of_the_connection_string_is_used()
    {
        await using var other = await server.ConnectAsync("defaultDatabase=3");
        await other.GetDatabase(3).StringSetAsync(_key, "in three");

        Assert.True((await Database.StringGetAsync(_key)).IsNull);
        Assert.Equal("in three", await other.GetDatabase().StringGetAsync(_key));
        Assert.Throws<NotSupportedException>(() => Database.Multiplexer.GetDatabase(3));
    }

    [Fact]
    public async Task Both_connections_carry_the_client_name()
    {
        await using var named = await server.ConnectAsync("name=unmistakable");
        var clients = (string?)await Database.ExecuteAsync("CLIENT", "LIST");

        Assert.Equal(2, clients!.Split('\n').Count(line => line.Contains("name=unmistakable ", StringComparison.Ordinal)));
    }
}
