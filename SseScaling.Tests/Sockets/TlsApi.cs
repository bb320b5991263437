using System.Security.Cryptography.X509Certificates;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Sockets;

/// <summary>A replica with a plaintext port and a TLS port, whose certificate is made for it.</summary>
public sealed class TlsApi : IAsyncLifetime
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"sse-{Guid.NewGuid():N}.pfx");
    private readonly X509Certificate2 _certificate = TestCertificate.Create();
    private ApiProcess? _api;

    public ApiProcess Api => _api ?? throw new InvalidOperationException("The API has not started.");

    public int SecurePort => Api.Addresses.Single(address => address.Scheme == Uri.UriSchemeHttps).Port;

    public int PlainPort => Api.Addresses.Single(address => address.Scheme == Uri.UriSchemeHttp).Port;

    /// <summary>A client of the TLS port that trusts exactly this certificate.</summary>
    public HttpClient CreateClient() => TestCertificate.CreateClient(_certificate, new Uri($"https://127.0.0.1:{SecurePort}"));

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllBytesAsync(_file, _certificate.Export(X509ContentType.Pfx, "test"));
        _api = await ApiProcess.StartAsync(
            null,
            ("ASPNETCORE_URLS", "http://127.0.0.1:0;https://127.0.0.1:0"),
            ("Kestrel__Certificates__Default__Path", _file),
            ("Kestrel__Certificates__Default__Password", "test"));
    }

    public async ValueTask DisposeAsync()
    {
        if (_api is { } api)
            await api.DisposeAsync();
        File.Delete(_file);
        _certificate.Dispose();
        GC.SuppressFinalize(this);
    }
}
