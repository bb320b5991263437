using System.Security.Cryptography.X509Certificates;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Access;

/// <summary>Two replicas on one Redis that want to know who somebody is: one whose plaintext streams have sockets of their own, and that speaks TLS; one whose streams are the web server's.</summary>
public sealed class GuardedReplicas : IAsyncLifetime
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"sse-{Guid.NewGuid():N}.pfx");
    private readonly X509Certificate2 _certificate = TestCertificate.Create();
    private RedisServer? _redis;
    private ApiProcess? _one;
    private ApiProcess? _other;

    internal Issuer Issuer { get; } = new();

    public ApiProcess One => _one!;

    public ApiProcess Other => _other!;

    public RedisServer Redis => _redis!;

    /// <summary>A client of the first replica's TLS port.</summary>
    public HttpClient Secure { get; private set; } = new();

    /// <summary>One more replica.</summary>
    public Task<ApiProcess> StartAsync(params (string Name, string Value)[] settings) => ApiProcess.StartAsync(_redis, [
        ("DOTNET_ENVIRONMENT", "Development"), ("Sse__AllowAnonymous", "false"), ("Access__PublishPerSecond", "1000000"), ("Access__ConnectPerSecond", "1000000"),
        ("Sse__Retry", "00:00:00.2"), ("Demo__CanStopReplicas", "true"), ("AllowedHosts", "localhost;127.0.0.1;[::1]"), .. Issuer.Settings, .. settings,
    ]);

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllBytesAsync(_file, _certificate.Export(X509ContentType.Pfx, "test"));
        _redis = await RedisServer.StartNewAsync();
        _one = await StartAsync(
            ("ASPNETCORE_URLS", "http://127.0.0.1:0;https://127.0.0.1:0"), ("Kestrel__Certificates__Default__Path", _file), ("Kestrel__Certificates__Default__Password", "test"));
        _other = await StartAsync(("Sse__DirectSockets", "false"));
        await _one.HealthyAsync();
        await _other.HealthyAsync();
        Secure = TestCertificate.CreateClient(_certificate, _one.Addresses.Single(address => address.Scheme == Uri.UriSchemeHttps));
    }

    public async ValueTask DisposeAsync()
    {
        Secure.Dispose();
        foreach (var replica in new[] { _one, _other })
        {
            if (replica is not null)
                await replica.DisposeAsync();
        }

        if (_redis is not null)
            await _redis.DisposeAsync();
        File.Delete(_file);
        _certificate.Dispose();
    }
}
