using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using SseScaling.Tests.Application;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Library;

/// <summary>A process of the shop, with a plaintext port and a TLS port.</summary>
public sealed class ShopReplica : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ShopReplica(WebApplication app, X509Certificate2 certificate)
    {
        _app = app;
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(address => new Uri(address)).ToArray();
        Plain = new HttpClient { BaseAddress = addresses.Single(address => address.Scheme == Uri.UriSchemeHttp), Timeout = Eventually.Deadline };
        Secure = TestCertificate.CreateClient(certificate, addresses.Single(address => address.Scheme == Uri.UriSchemeHttps));
    }

    public HttpClient Plain { get; }

    public HttpClient Secure { get; }

    public ISsePublisher Publisher => Get<ISsePublisher>();

    public ISseConnections Connections => Get<ISseConnections>();

    public static async Task<ShopReplica> StartAsync(X509Certificate2 certificate, Action<WebApplicationBuilder>? configure, params (string Name, string Value)[] settings)
    {
        var app = Shop.Build(
            settings.Select(pair => KeyValuePair.Create(pair.Name, (string?)pair.Value)),
            builder =>
            {
                builder.WebHost.ConfigureKestrel(server =>
                {
                    server.Listen(IPAddress.Loopback, 0);
                    server.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate));
                });
                configure?.Invoke(builder);
            });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new ShopReplica(app, certificate);
    }

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    /// <summary>Sends a request with a token, and nothing else that a browser would not send.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string target, string? token, string? body = null, string? lastEventId = null)
    {
        using var request = new HttpRequestMessage(method, target);
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (lastEventId is not null)
            request.Headers.Add("Last-Event-ID", lastEventId);
        if (body is not null)
            request.Content = new StringContent(body, new MediaTypeHeaderValue("application/json"));
        return await Plain.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Plain.Dispose();
        Secure.Dispose();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }
}
