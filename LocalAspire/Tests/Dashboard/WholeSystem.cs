using Aspire.Hosting;
using Aspire.Hosting.Testing;
using LocalAspire.Dashboard;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Xunit;

namespace LocalAspire.Tests.Dashboard;

/// <summary>The system of this repository with its dashboard: Redis, two replicas, the publisher.</summary>
public sealed class WholeSystem : IAsyncLifetime
{
    private const int Replicas = 2;
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(120);

    private DistributedApplication? _application;

    /// <summary>The replicas, each with an address of its own rather than the proxy's.</summary>
    public IReadOnlyList<(string Id, Uri Address)> Api { get; private set; } = [];

    public DistributedApplication Application => _application ?? throw new InvalidOperationException("The system has not started.");

    internal DashboardHost Dashboard => Application.Services.GetRequiredService<DashboardService>().Host!;

    public async ValueTask InitializeAsync()
    {
        using var deadline = new CancellationTokenSource(StartDeadline);
        string[] args = ["--ASPNETCORE_URLS=http://localhost:0", $"--Api:Replicas={Replicas}", $"--AppHost:BrowserToken={DashboardFixture.Token}"];
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.SseScaling_AppHost>(
            args, (options, _) => options.DisableDashboard = false, deadline.Token);
        _application = await builder.BuildAsync(deadline.Token);
        await _application.StartAsync(deadline.Token);

        var found = new SortedDictionary<string, Uri>(StringComparer.Ordinal);
        await foreach (var change in _application.ResourceNotifications.WatchAsync(deadline.Token))
        {
            if (change.Resource.Name != "api" || change.Snapshot.HealthStatus != HealthStatus.Healthy)
                continue;
            var urls = change.Snapshot.EnvironmentVariables.First(variable => variable.Name == "ASPNETCORE_URLS").Value!;
            found[change.ResourceId] = new Uri(urls.Split(';')[0]);
            if (found.Count == Replicas)
                break;
        }

        Api = [.. found.Select(pair => (pair.Key, pair.Value))];
    }

    /// <summary>Opens a stream; returns once it has begun.</summary>
    public static async Task<StreamReader> OpenAsync(HttpClient http, Uri replica, string topic, CancellationToken cancellationToken)
    {
        var stream = await http.GetStreamAsync(new Uri(replica, $"/api/stream?topic={topic}"), cancellationToken);
        return new StreamReader(stream);
    }

    /// <summary>Reads a stream up to so many events.</summary>
    public static async Task ReadAsync(StreamReader stream, int events, CancellationToken cancellationToken)
    {
        while (events > 0)
        {
            var line = await stream.ReadLineAsync(cancellationToken) ?? throw new EndOfStreamException("The stream has ended.");
            if (line.StartsWith("data: ", StringComparison.Ordinal))
                events--;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_application is { } application)
            await application.DisposeAsync();
    }
}
