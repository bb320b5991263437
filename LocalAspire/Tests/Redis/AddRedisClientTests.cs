using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;
using Xunit;

namespace LocalAspire.Tests.Redis;

public sealed class AddRedisClientTests
{
    [Fact]
    public async Task The_connection_comes_from_the_connection_string_and_is_healthy()
    {
        await using var server = await RedisServer.StartNewAsync();
        await using var services = Build(server.ConnectionString, options => options.ClientName = "configured");
        var redis = services.GetRequiredService<IConnectionMultiplexer>();

        Assert.Same(redis, services.GetRequiredService<IConnectionMultiplexer>());
        Assert.True(redis.IsConnected);
        Assert.Equal("configured", redis.ClientName);
        var report = await services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken);
        Assert.Equal(HealthStatus.Healthy, report.Entries["StackExchange.Redis"].Status);
        Assert.Empty(report.Entries["StackExchange.Redis"].Tags);
    }

    [Fact]
    public async Task Without_a_server_the_service_starts_is_unhealthy_at_once_and_heals()
    {
        await using var server = await RedisServer.StartNewAsync();
        await server.KillAsync();
        await using var services = Build(server.ConnectionString, options => options.ReconnectRetryPolicy = new LinearRetry(100));
        var redis = services.GetRequiredService<IConnectionMultiplexer>();
        Assert.False(redis.IsConnected);

        var health = services.GetRequiredService<HealthCheckService>();
        var clock = Stopwatch.StartNew();
        Assert.Equal(HealthStatus.Unhealthy, (await health.CheckHealthAsync(TestContext.Current.CancellationToken)).Status);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(2));

        await server.StartAsync();
        await Wait.UntilAsync(() => redis.IsConnected, "a connection");
        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync(TestContext.Current.CancellationToken)).Status);
    }

    [Fact]
    public async Task A_missing_connection_string_is_told_when_the_connection_is_resolved()
    {
        await using var services = Build(null);
        var error = Assert.Throws<InvalidOperationException>(() => services.GetRequiredService<IConnectionMultiplexer>());
        Assert.Contains("'ConnectionStrings:redis'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_connection_string_may_say_that_the_first_connect_must_succeed()
    {
        await using var services = Build($"127.0.0.1:{RedisServer.FreePort()},abortConnect=true,connectRetry=1");
        Assert.Throws<RedisConnectionException>(() => services.GetRequiredService<IConnectionMultiplexer>());
    }

    [Fact]
    public async Task Health_check_and_connecting_at_start_can_be_chosen()
    {
        await using var server = await RedisServer.StartNewAsync();
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:redis", server.ConnectionString + ",name=at-start")]);
        builder.AddRedisClient("redis", settings => (settings.DisableHealthChecks, settings.DisableAutoActivation) = (true, false));
        using var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);

        await using var other = await server.ConnectAsync();
        Assert.Contains("name=at-start", (string?)await other.GetDatabase().ExecuteAsync("CLIENT", "LIST"), StringComparison.Ordinal);
        Assert.Null(host.Services.GetService<HealthCheckService>());
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    private static ServiceProvider Build(string? connectionString, Action<ConfigurationOptions>? configure = null)
    {
        var builder = Host.CreateApplicationBuilder();
        if (connectionString is not null)
            builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:redis", connectionString)]);

        builder.AddRedisClient("redis", configureOptions: configure);
        return builder.Services.BuildServiceProvider();
    }
}
