using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Pages;

/// <summary>Redis, two replicas with names, and a browser.</summary>
public sealed class PagesCluster : IAsyncLifetime
{
    private readonly List<ApiProcess> _replicas = [];

    public Chromium Chromium { get; } = new();

    public RedisServer Redis { get; private set; } = null!;

    /// <summary>The first replica's address; <c>localhost</c> is a secure context, so that tabs can share a stream.</summary>
    public Uri Origin => At(_replicas[0]);

    public HttpClient Http => _replicas[0].Http;

    public IReadOnlyList<ApiProcess> Replicas => _replicas;

    public static Uri At(ApiProcess replica) => new UriBuilder("http", "localhost", replica.Port).Uri;

    public async ValueTask InitializeAsync()
    {
        Redis = await RedisServer.StartNewAsync();
        var browser = Chromium.InitializeAsync().AsTask();
        await StartAsync("one");
        await StartAsync("two");
        await browser;
    }

    /// <summary>Starts one more replica.</summary>
    /// <param name="name">Its instance id.</param>
    /// <param name="settings">Environment variables.</param>
    public async Task<ApiProcess> StartAsync(string name, params (string Name, string Value)[] settings)
    {
        var replica = await ApiProcess.StartAsync(Redis, [("OTEL_RESOURCE_ATTRIBUTES", $"service.instance.id={name}"), .. settings]);
        await replica.HealthyAsync();
        _replicas.Add(replica);
        return replica;
    }

    public async ValueTask DisposeAsync()
    {
        await Chromium.DisposeAsync();
        foreach (var replica in _replicas)
            await replica.DisposeAsync();
        await Redis.DisposeAsync();
    }
}
