using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace SseScaling.Testing;

/// <summary>
/// An application with Server-Sent Events for a test: the events stay in memory, requests need no port, and heartbeats, batch windows, lifetimes and history follow a clock
/// that the test moves. Any thread.
/// </summary>
/// <example>
/// <code>
/// await using var host = await SseTestHost.StartAsync(app => app.MapSse("/orders/{id}", (SseStream s, int id) => s.Topic($"orders:{id}")));
/// await using var stream = await host.OpenAsync("/orders/1");
/// await host.Publisher.PublishAsync("orders:1", new { paid = true });
/// Assert.Equal("""{"paid":true}""", (await stream.NextAsync()).Data);
/// </code>
/// </example>
public sealed class SseTestHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private SseTestHost(WebApplication app, FakeTimeProvider clock)
    {
        (_app, Clock) = (app, clock);
        Client = app.GetTestClient();
    }

    /// <summary>The time of the application; it stands still until it is moved.</summary>
    public FakeTimeProvider Clock { get; }

    /// <summary>Sends requests to the application.</summary>
    public HttpClient Client { get; }

    /// <summary>The application's services.</summary>
    public IServiceProvider Services => _app.Services;

    /// <summary>Publishes to the application's streams.</summary>
    public ISsePublisher Publisher => Services.GetRequiredService<ISsePublisher>();

    /// <summary>Starts an application.</summary>
    /// <param name="map">Maps its streams, and adds its middleware.</param>
    /// <param name="configure">Adds its services and settings; <c>AddSse</c> was called before.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    public static async Task<SseTestHost> StartAsync(
        Action<WebApplication> map, Action<WebApplicationBuilder>? configure = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(map);
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Services.AddSse();
        configure?.Invoke(builder);
        var app = builder.Build();
        map(app);
        await app.StartAsync(cancellationToken);
        return new SseTestHost(app, clock);
    }

    /// <summary>Opens a stream. It is live when this returns: what is published from here on reaches it.</summary>
    /// <param name="path">Path and query.</param>
    /// <param name="lastEventId">Where it goes on; null: live.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="HttpRequestException">The answer is not 200.</exception>
    public async Task<SseTestStream> OpenAsync(string path, string? lastEventId = null, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (lastEventId is not null)
            request.Headers.Add("Last-Event-ID", lastEventId);
        return await OpenAsync(request, cancellationToken);
    }

    /// <inheritdoc cref="OpenAsync(string, string?, CancellationToken)"/>
    /// <param name="request">The request, with whatever headers the application asks for.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<SseTestStream> OpenAsync(HttpRequestMessage request, CancellationToken cancellationToken = default)
    {
        var response = await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        response.EnsureSuccessStatusCode();
        return await SseTestStream.BeginAsync(response, cancellationToken);
    }

    /// <summary>Stops the application: its streams are drained.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        Client.Dispose();
        await _app.DisposeAsync();
    }
}
