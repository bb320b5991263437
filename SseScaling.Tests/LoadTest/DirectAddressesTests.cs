using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using SseScaling.LoadTest;
using SseScaling.LoadTest.Clients;
using SseScaling.Tests.Testing;
using Xunit;
using Replica = SseScaling.Tests.Testing.ApiProcess;

namespace SseScaling.Tests.LoadTest;

/// <summary>Runs that are too large for the proxy in front of the replicas: two real ones behind a TCP link.</summary>
public sealed class DirectAddressesTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("load-test-").FullName;
    private readonly StringWriter _output = new();
    private RedisServer _redis = null!;
    private Replica _one = null!;
    private Replica _two = null!;
    private TcpLink _front = null!;

    private Uri Front => new($"http://{_front.ConnectionString}");

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.StartNewAsync();
        _one = await StartAsync("127.0.0.1");
        _front = new TcpLink(_one.Port);
    }

    public async ValueTask DisposeAsync()
    {
        await _front.DisposeAsync();
        await _one.DisposeAsync();
        if (_two is not null)
            await _two.DisposeAsync();
        await _redis.DisposeAsync();
        await _output.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_run_goes_past_the_proxy_to_every_replica()
    {
        await StartTwoAsync("127.0.0.1");

        var (code, output, error) = await CommandTests.RunAsync(
            "--url", Front.ToString(), "--direct", "--connections", "20", "--topic", "load:direct", "--rate", "50", "--warm-up", "100ms", "--duration", "1s",
            "--out", _folder, "--fail-if", "lost>0");

        Assert.Equal((0, ""), (code, error));
        Assert.StartsWith($"Streams go straight to the replicas behind {Front}", output, StringComparison.Ordinal);
        Assert.Equal(1, _front.Accepted);
        using var report = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_folder, "report.json"), TestContext.Current.CancellationToken));
        var urls = report.RootElement.GetProperty("settings").GetProperty("urls").EnumerateArray().Select(url => url.GetString());
        Assert.Equal(new[] { _one, _two }.Select(replica => replica.Addresses[0].ToString()).Order(), urls.Order());
        foreach (var replica in new[] { _one, _two })
            Assert.True((await StatsAsync(replica)).GetProperty("replica").GetProperty("eventsOut").GetInt64() > 0, "each replica delivered");
    }

    [Fact]
    public async Task Followers_are_streamed_past_the_proxy_too()
    {
        await StartTwoAsync("127.0.0.1");

        var (code, output, _) = await CommandTests.RunAsync("fan-out", "--url", Front.ToString(), "--direct", "--followers", "100", "--posts", "1");

        Assert.Equal(0, code);
        Assert.Single(CommandTests.Lines(output), "OK      every follower has every post once");
        Assert.InRange(_front.Accepted, 1, 40);
    }

    [Fact]
    public async Task Only_more_streams_than_the_proxy_holds_go_past_it_unless_told_otherwise()
    {
        await StartTwoAsync("127.0.0.1");
        Uri[] replicas = [_one.Addresses[0], _two.Addresses[0]];

        Assert.Equal([Front], await ChooseAsync([Front], DirectAddresses.MostByProxy));
        Assert.Equal([Front], await ChooseAsync([Front], 100_000, direct: false));
        Assert.Equal(replicas, await ChooseAsync(replicas, 100_000));
        Assert.Empty(_output.ToString());

        var chosen = await ChooseAsync([Front], DirectAddresses.MostByProxy + 1);

        Assert.Equal(replicas.OrderBy(url => url.Port), chosen.OrderBy(url => url.Port));
        Assert.Contains("9,001 may be too many for a proxy's open files", _output.ToString());
    }

    [Fact]
    public async Task A_replica_that_tells_no_address_on_this_machine_refuses_the_large_run()
    {
        await StartTwoAsync("0.0.0.0");

        var problem = await Assert.ThrowsAsync<UsageException>(() => ChooseAsync([Front], 11_000));

        Assert.Contains("Not all replicas behind", problem.Message);
        Assert.Contains("--direct false", problem.Message);
    }

    [Fact]
    public async Task A_server_that_knows_no_replicas_is_taken_as_it_is_unless_they_are_asked_for()
    {
        await using var server = await FaultyServer.StartAsync(new Faults(), TestContext.Current.CancellationToken);

        Assert.Equal([server.Url], await ChooseAsync([server.Url], 11_000));
        var (code, _, error) = await CommandTests.RunAsync("--url", server.Url.ToString(), "--direct", "--out", _folder);

        Assert.Equal(2, code);
        Assert.Contains("name each with --url", Assert.Single(CommandTests.Lines(error)));
    }

    private static async Task<JsonElement> StatsAsync(Replica replica) =>
        await replica.Http.GetFromJsonAsync<JsonElement>("/api/stats", TestContext.Current.CancellationToken);

    private Task<IReadOnlyList<Uri>> ChooseAsync(IReadOnlyList<Uri> urls, int streams, bool? direct = null) =>
        DirectAddresses.ChooseAsync(urls, streams, direct, _output, TestContext.Current.CancellationToken);

    // As an AppHost starts them: each with a port of its own.
    private Task<Replica> StartAsync(string address) =>
        Replica.StartAsync(_redis, ("ASPNETCORE_URLS", string.Create(CultureInfo.InvariantCulture, $"http://{address}:{RedisServer.FreePort()}")));

    private async Task StartTwoAsync(string address)
    {
        _two = await StartAsync(address);
        await Eventually.TrueAsync(
            async () => (await StatsAsync(_one)).GetProperty("cluster").GetProperty("replicas").GetArrayLength() == 2, "the first replica knows the second");
    }
}
