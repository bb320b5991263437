using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SseScaling.Redis;

namespace SseScaling.Benchmarks;

/// <summary>The publishing script, through the shared messaging, against the Redis that ConnectionStrings__redis names (default localhost:6379).</summary>
[MemoryDiagnoser]
public class PublishBenchmarks
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private IHost _host = null!;
    private EventPublisher _publisher = null!;
    private SseEvent[] _drafts = [];

    /// <summary>Events per call: one at a time, or pipelined.</summary>
    [Params(1, 64, 512)]
    public int Events { get; set; }

    [GlobalSetup]
    public async Task Setup()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration["ConnectionStrings:redis"] ??= "localhost:6379";
        builder.Services.AddSsePublisher().AddRedis("redis");
        _host = builder.Build();
        await _host.StartAsync();
        _publisher = _host.Services.GetRequiredService<EventPublisher>();
        try
        {
            await _host.Services.GetRequiredService<RedisLink>().WhenReachableAsync(CancellationToken.None).WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            throw new InvalidOperationException($"There is no Redis at {builder.Configuration["ConnectionStrings:redis"]}: start one, or name another with ConnectionStrings__redis.");
        }

        _drafts = [.. Enumerable.Range(0, Events).Select(i => new SseEvent("notifications:" + i, Envelopes.Json))];
    }

    [GlobalCleanup]
    public async Task Cleanup()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    [Benchmark]
    public Task Publish() => _publisher.PublishAsync(_drafts, CancellationToken.None);
}
