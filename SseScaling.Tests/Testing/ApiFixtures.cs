using Xunit;

namespace SseScaling.Tests.Testing;

/// <summary>One replica for all tests of a class, with a Redis of its own where the subclass says so.</summary>
public abstract class ApiFixture(bool direct, bool withRedis, params (string Name, string Value)[] settings) : IAsyncLifetime
{
    private ApiProcess? _api;

    public ApiProcess Api => _api ?? throw new InvalidOperationException("The API has not started.");

    public HttpClient Http => Api.Http;

    /// <summary>Whether plaintext streams leave the web server: <c>Sse:DirectSockets</c>.</summary>
    public bool IsDirect => direct;

    /// <summary>Null: the in-memory backplane.</summary>
    public RedisServer? Redis { get; private set; }

    public async ValueTask InitializeAsync()
    {
        Redis = withRedis ? await RedisServer.StartNewAsync() : null;
        _api = await ApiProcess.StartAsync(Redis, [("Sse__DirectSockets", direct ? "true" : "false"), ("Sse__Heartbeat", "00:00:01"), .. settings]);
        await _api.HealthyAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_api is { } api)
            await api.DisposeAsync();
        if (Redis is { } redis)
            await redis.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}

public sealed class DirectInMemory() : ApiFixture(direct: true, withRedis: false);

public sealed class OrdinaryInMemory() : ApiFixture(direct: false, withRedis: false);

public sealed class DirectOnRedis() : ApiFixture(direct: true, withRedis: true);

public sealed class OrdinaryOnRedis() : ApiFixture(direct: false, withRedis: true);
