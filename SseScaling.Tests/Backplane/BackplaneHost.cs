using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SseScaling.Backplane;
using SseScaling.Protocol;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Backplane;

/// <summary>A process's backplane as the API registers it, without the API.</summary>
internal sealed class BackplaneHost : IAsyncDisposable
{
    private readonly IHost _host;

    private BackplaneHost(IHost host) => _host = host;

    public IBackplane Backplane => _host.Services.GetRequiredService<IBackplane>();

    public IServiceProvider Services => _host.Services;

    public LogLines Log => _host.Services.GetRequiredService<LogLines>();

    /// <param name="connection">Of Redis; none for memory.</param>
    /// <param name="settings">Options of the section Sse by name.</param>
    public static Task<BackplaneHost> StartAsync(string? connection, params (string Name, string Value)[] settings) =>
        StartWithAsync(connection is null ? _ => { }
    : sse => sse.AddRedis("redis"), [("ConnectionStrings:redis", connection), .. settings.Select(pair => ("Sse:" + pair.Name, pair.Value))]);

    /// <param name="add">Adds to what <c>AddSsePublisher</c> began.</param>
    /// <param name="settings">The configuration.</param>
    public static async Task<BackplaneHost> StartWithAsync(Action<ISseBuilder> add, params (string Name, string? Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "tests" });
        // A busy machine is no fault; the tests that wait for a time-out say how long it is.
        builder.Configuration["Sse:Redis:Timeout"] = "00:00:10";
        builder.Configuration.AddInMemoryCollection(settings.Select(pair => KeyValuePair.Create(pair.Name, pair.Value)));
        builder.Services.AddSingleton<LogLines>();
        builder.Services.AddSingleton<ILoggerProvider>(services => services.GetRequiredService<LogLines>());
        add(builder.Services.AddSsePublisher());
        var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        _ = host.Services.GetRequiredService<IBackplane>();
        return new BackplaneHost(host);
    }

    public async Task<BackplaneHost> ReadyAsync()
    {
        await Eventually.TrueAsync(() => Backplane.IsAvailable, "the backplane is available");
        return this;
    }

    /// <summary>Counts from now on how often the backplane was restored.</summary>
    public Func<int> CountRestored()
    {
        var count = 0;
        Backplane.Restored += () => Interlocked.Increment(ref count);
        return () => Volatile.Read(ref count);
    }

    public Task<IReadOnlyList<PublishedEvent>> PublishAsync(params SseEvent[] drafts) =>
        Backplane.PublishAsync(drafts, TestContext.Current.CancellationToken);

    public Task<HistoryPage> ReadAsync(string topic, long after = 0, int maxCount = HistoryPage.MaxCount) =>
        Backplane.ReadHistoryAsync(topic, after, maxCount, TestContext.Current.CancellationToken);

    public async Task<EventPosition> HeadAsync(string topic) => (await Backplane.ReadHeadsAsync([topic], TestContext.Current.CancellationToken))[0];

    public async Task<CollectingReceiver> SubscribeAsync(string topic)
    {
        var receiver = new CollectingReceiver();
        await Backplane.SubscribeAsync(topic, receiver, TestContext.Current.CancellationToken).WaitAsync(Eventually.Deadline, TestContext.Current.CancellationToken);
        return receiver;
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
    }
}
