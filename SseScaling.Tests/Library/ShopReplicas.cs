using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using SseScaling.Tests.Application;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Library;

/// <summary>On which way a client comes in.</summary>
public enum Way
{
    /// <summary>Plaintext, on a socket that leaves the web server.</summary>
    Socket,

    /// <summary>Plaintext, as the web server's response.</summary>
    Response,

    /// <summary>TLS with HTTP/1.1.</summary>
    Tls,

    /// <summary>TLS with HTTP/2.</summary>
    Http2,
}

/// <summary>The shop as one process in memory, and as two on a Redis.</summary>
public sealed class ShopReplicas : IAsyncLifetime
{
    private readonly DirectoryInfo _keys = Directory.CreateTempSubdirectory("sse-keys-");
    private readonly X509Certificate2 _certificate = TestCertificate.Create();
    private RedisServer? _redis;
    private ShopReplica? _alone;
    private ShopReplica? _one;
    private ShopReplica? _other;

    /// <summary>In memory.</summary>
    public ShopReplica Alone => _alone!;

    /// <summary>On Redis; its plaintext streams have sockets of their own.</summary>
    public ShopReplica One => _one!;

    /// <summary>On Redis; its plaintext streams are the web server's.</summary>
    public ShopReplica Other => _other!;

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.StartNewAsync();
        _alone = await StartAsync(isShared: false);
        _one = await StartAsync();
        _other = await StartAsync(settings: ("Sse:DirectSockets", "false"));
    }

    internal RedisServer Redis => _redis!;

    /// <summary>One more process.</summary>
    public Task<ShopReplica> StartAsync(bool isShared = true, Action<WebApplicationBuilder>? configure = null, params (string Name, string Value)[] settings)
    {
        List<(string, string)> all = [("Sse:History:Length", "50"), ("Sse:MaxQueuedBytes", "65536"), ("Sse:Retry", "00:00:00.2"), .. settings];
        if (isShared)
            all.AddRange([("ConnectionStrings:redis", _redis!.ConnectionString), ("keys", _keys.FullName)]);
        return ShopReplica.StartAsync(_certificate, configure, [.. all]);
    }

    /// <summary>Where a client of this way is, and another process of the same shop, which in memory is the same one.</summary>
    public (ShopReplica Own, ShopReplica Else) Find(bool isShared, Way way) => (isShared, way) switch
    {
        (false, _) => (Alone, Alone),
        (_, Way.Response) => (Other, One),
        _ => (One, Other),
    };

    /// <summary>Opens a customer's own stream.</summary>
    public static Task<SseClient> OpenMineAsync(ShopReplica replica, Way way, string user, string? lastEventId = null) =>
        OpenAsync(replica, way, "/me/events", Tokens.For(user), lastEventId);

    public static async Task<SseClient> OpenAsync(ShopReplica replica, Way way, string target, string? token = null, string? lastEventId = null)
    {
        var client = await SseClient.OpenAsync(
            way is Way.Tls or Way.Http2 ? replica.Secure : replica.Plain,
            target,
            lastEventId,
            way switch { Way.Http2 => HttpVersion.Version20, Way.Tls => HttpVersion.Version11, _ => null },
            token);
        await client.LiveAsync();
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in new[] { _alone, _one, _other })
        {
            if (replica is not null)
                await replica.DisposeAsync();
        }

        if (_redis is not null)
            await _redis.DisposeAsync();
        _certificate.Dispose();
        _keys.Delete(recursive: true);
    }
}
