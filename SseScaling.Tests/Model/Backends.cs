using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using SseScaling.Backplane;
using SseScaling.Redis;
using SseScaling.Telemetry;
using SseScaling.Tests.Backplane;
using SseScaling.Tests.Testing;

namespace SseScaling.Tests.Model;

/// <summary>A backplane, and what can be done to its data from outside.</summary>
internal interface IBackend : IAsyncDisposable
{
    const int HistoryLength = 8;

    IBackplane Backplane { get; }

    /// <summary>Cuts a topic's history to at most so many events; returns how many are kept of each of these topics.</summary>
    Task TrimAsync(ModelTopic topic, IReadOnlyList<ModelTopic> all, int kept);

    Task FlushAsync();

    Task RestartAsync();
}

/// <summary>Memory: its data are lost by the passing of time only, for all topics at once.</summary>
internal sealed class MemoryBackend : IBackend
{
    private readonly FakeTimeProvider _time = new();
    private readonly SseOptions _options = new() { History = { Length = IBackend.HistoryLength } };
    private readonly ServiceProvider _services;

    public MemoryBackend()
    {
        _services = new ServiceCollection().AddLogging().AddMetrics().AddSingleton<TimeProvider>(_time).AddSingleton<PublishingMetrics>()
            .AddSingleton(Microsoft.Extensions.Options.Options.Create(_options)).AddSingleton<InMemoryBackplane>().BuildServiceProvider();
    }

    public IBackplane Backplane => _services.GetRequiredService<InMemoryBackplane>();

    public Task TrimAsync(ModelTopic topic, IReadOnlyList<ModelTopic> all, int kept)
    {
        _time.Advance(_options.History.Idle);
        foreach (var each in all)
            each.Trim(0);
        return Task.CompletedTask;
    }

    public Task FlushAsync()
    {
        _time.Advance(_options.History.PositionIdle);
        return Task.CompletedTask;
    }

    public Task RestartAsync() => Task.CompletedTask;

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}

/// <summary>A real Redis, which scenarios share one after the other.</summary>
internal sealed class RedisBackend(RedisServer redis, BackplaneHost host) : IBackend
{
    public IBackplane Backplane => host.Backplane;

    public static async Task<RedisBackend> StartAsync(RedisServer redis)
    {
        var length = IBackend.HistoryLength.ToString(CultureInfo.InvariantCulture);
        var host = await BackplaneHost.StartAsync(redis.ConnectionString, ("History:Length", length), ("Redis:WatchdogInterval", "00:00:00.100"));
        return new RedisBackend(redis, await host.ReadyAsync());
    }

    public async Task TrimAsync(ModelTopic topic, IReadOnlyList<ModelTopic> all, int kept)
    {
        await redis.CliAsync("XTRIM", RedisKeys.Stream(topic.Name).ToString(), "MAXLEN", kept.ToString(CultureInfo.InvariantCulture));
        topic.Trim(kept);
    }

    public Task FlushAsync() => redis.CliAsync("FLUSHALL");

    public async Task RestartAsync()
    {
        await redis.KillAsync();
        await redis.StartAsync();
    }

    public ValueTask DisposeAsync() => host.DisposeAsync();
}
