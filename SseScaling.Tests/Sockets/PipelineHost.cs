using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SseScaling.Api.Http;
using SseScaling.Api.Pages;
using SseScaling.Api.Social;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Sockets;

/// <summary>A replica in this process, with middleware of the test's own before its streams.</summary>
internal sealed class PipelineHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private PipelineHost(WebApplication app) => _app = app;

    public IServiceProvider Services => _app.Services;

    public LogLines Log => Services.GetRequiredService<LogLines>();

    /// <summary>Whether connections can leave the web server.</summary>
    public bool IsDetachable => Services.GetRequiredService<IOptions<SseOptions>>().Value.DirectSockets;

    public int Port => new Uri(Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;

    /// <param name="services">Adds what the middleware needs, and, as an <see cref="Action{T}"/> of their group, what the streams' endpoints carry.</param>
    /// <param name="middleware">Builds it.</param>
    /// <param name="settings">The configuration, e.g. <c>AllowedHosts</c>.</param>
    public static async Task<PipelineHost> StartAsync(
        Action<WebApplicationBuilder>? services = null, Action<WebApplication>? middleware = null, params (string Name, string Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = Environments.Production });
        builder.Configuration.AddInMemoryCollection(settings.Select(pair => KeyValuePair.Create(pair.Name, (string?)pair.Value)));
        builder.WebHost.UseUrls(builder.Configuration["urls"] ?? "http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<LogLines>();
        builder.Services.AddSingleton<ILoggerProvider>(provider => provider.GetRequiredService<LogLines>());
        builder.Services.AddSse();
        builder.Services.AddSingleton<StreamAdmission>();
        builder.AddPages();
        builder.AddSocial();
        services?.Invoke(builder);
        var app = builder.Build();
        middleware?.Invoke(app);
        var streams = app.MapGroup("");
        app.Services.GetService<Action<RouteGroupBuilder>>()?.Invoke(streams);
        streams.MapStreams();
        app.MapGet("/fixed", () => "fixed");
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new PipelineHost(app);
    }

    /// <summary>Asks for a stream and returns the head of the answer.</summary>
    public async Task<string> HeadAsync(params string[] fields)
    {
        await using var connection = await RawConnection.GetAsync(Port, "/api/stream?topic=a", fields);
        return await connection.ReadUntilAsync("\r\n\r\n");
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }
}
