using Microsoft.Extensions.DependencyInjection;
using SseScaling.Tests.Testing;
using StackExchange.Redis;
using Xunit;

namespace SseScaling.Tests.Backplane;

/// <summary>What every backplane promises. One subclass each.</summary>
public abstract partial class BackplaneContract
{
    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected abstract Task<BackplaneHost> StartAsync(params (string Name, string Value)[] settings);
}

public sealed class InMemoryBackplaneTests : BackplaneContract
{
    private protected override Task<BackplaneHost> StartAsync(params (string Name, string Value)[] settings) => BackplaneHost.StartAsync(null, settings);

    [Fact]
    public async Task It_says_at_start_that_it_serves_one_process_only()
    {
        await using var host = await StartAsync();

        await Eventually.TrueAsync(() => host.Log.Count("one process") == 1, "the line is logged");
        Assert.Equal("memory", host.Backplane.Name);
        Assert.True(host.Backplane.IsAvailable);
    }
}

public sealed class RedisBackplaneTests(RedisServer redis) : BackplaneContract, IClassFixture<RedisServer>
{
    private protected override async Task<BackplaneHost> StartAsync(params (string Name, string Value)[] settings) =>
        await (await BackplaneHost.StartAsync(redis.ConnectionString, settings)).ReadyAsync();
}

/// <summary>Over a connection that the application made for itself, as the client library would have it: one for commands and messages, with a queue for outages.</summary>
public sealed class SharedConnectionBackplaneTests(SharedConnection shared) : BackplaneContract, IClassFixture<SharedConnection>
{
    private protected override async Task<BackplaneHost> StartAsync(params (string Name, string Value)[] settings) =>
        await (await BackplaneHost.StartWithAsync(sse => sse.AddRedis(shared.Connection), [.. settings.Select(pair => ("Sse:" + pair.Name, (string?)pair.Value))])).ReadyAsync();
}

/// <summary>A Redis and an application's connection to it.</summary>
public sealed class SharedConnection : IAsyncLifetime
{
    private readonly RedisServer _redis = new();

    public IConnectionMultiplexer Connection { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await _redis.StartAsync();
        Connection = await ConnectionMultiplexer.ConnectAsync(_redis.ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        await Connection.DisposeAsync();
        await _redis.DisposeAsync();
    }
}
