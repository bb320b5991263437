using Xunit;

namespace SseScaling.Tests.Testing;

/// <summary>One replica for all tests of a class, with a Redis of its own where the subclass says so.</summary>
public abstract class ApiFixture(string sockets, bool withRedis, params (string Name, string Value)[] settings) : IAsyncLifetime
{
    private ApiProcess? _api;

    public ApiProcess Api => _api ?? throw new InvalidOperationException("The API has not started.");

    public HttpClient Http => Api.Http;

    /// <summary>When streams get their sockets: <c>Sse:DirectSockets</c>.</summary>
    public string Sockets => sockets;

    /// <summary>Null: the in-memory backplane.</summary>
    public RedisServer? Redis { get; private set; }

    public async ValueTask InitializeAsync()
    {
        Redis = withRedis ? await RedisServer.StartNewAsync() : null;
        _api = await ApiProcess.StartAsync(Redis, [("Sse__DirectSockets", sockets), ("Sse__Heartbeat", "00:00:01"), .. settings]);
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

/// <summary>All values of <c>Sse:DirectSockets</c>.</summary>
public static class DirectSocketsModes
{
    public const string AtAccept = "AtAccept", AfterPipeline = "AfterPipeline", Off = "Off";
}

public sealed class DirectInMemory() : ApiFixture(DirectSocketsModes.AtAccept, withRedis: false);

public sealed class AfterPipelineInMemory() : ApiFixture(DirectSocketsModes.AfterPipeline, withRedis: false);

public sealed class OrdinaryInMemory() : ApiFixture(DirectSocketsModes.Off, withRedis: false);

public sealed class DirectOnRedis() : ApiFixture(DirectSocketsModes.AtAccept, withRedis: true);

public sealed class AfterPipelineOnRedis() : ApiFixture(DirectSocketsModes.AfterPipeline, withRedis: true);

public sealed class OrdinaryOnRedis() : ApiFixture(DirectSocketsModes.Off, withRedis: true);
