using System.Text.RegularExpressions;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.EndToEnd;

/// <summary>The whole system as the AppHost starts it: Redis, three replicas, the publisher. Started once for all tests that use it, one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class RunningSystem : IAsyncLifetime, ICollectionFixture<RunningSystem>
{
    public const string Name = "running system";

    public const int Replicas = 3;

    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(120);

    private DistributedApplication? _app;

    public DistributedApplication App => _app ?? throw new InvalidOperationException("The system has not started.");

    public async ValueTask InitializeAsync()
    {
        using var deadline = new CancellationTokenSource(StartDeadline);
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.SseScaling_AppHost>([$"Api:Replicas={Replicas}"], deadline.Token);
        _app = await builder.BuildAsync(deadline.Token);
        await _app.StartAsync(deadline.Token);
    }

    /// <summary>The replicas that are healthy, by instance id, each with a client of its own port rather than the proxy's.</summary>
    public async Task<SortedDictionary<string, HttpClient>> ReplicasAsync(int count)
    {
        using var deadline = new CancellationTokenSource(StartDeadline);
        var found = new SortedDictionary<string, HttpClient>(StringComparer.Ordinal);
        await foreach (var change in App.ResourceNotifications.WatchAsync(deadline.Token))
        {
            if (change.Resource.Name != "api" || !IsReady(change.Snapshot))
                continue;
            if (!found.ContainsKey(change.ResourceId))
                found[change.ResourceId] = new HttpClient { BaseAddress = AddressOf(change.Snapshot), Timeout = Eventually.Deadline };
            if (found.Count == count)
                break;
        }

        // A resource is healthy when any of its replicas is, so each one is asked itself.
        foreach (var http in found.Values)
            await Eventually.TrueAsync(http.IsHealthyAsync, $"{http.BaseAddress} is healthy", StartDeadline);
        return found;
    }

    /// <summary>Waits for a line on an instance's console.</summary>
    public async Task LineAsync(string instance, string pattern, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(StartDeadline);
        await foreach (var lines in App.Services.GetRequiredService<ResourceLoggerService>().WatchAsync(instance).WithCancellation(deadline.Token))
        {
            // A host may put the time before the line.
            if (lines.Any(line => Regex.IsMatch(Regex.Replace(line.Content, @"^\d{4}-[^ ]*Z ", ""), pattern)))
                return;
        }

        Assert.Fail($"The console of {instance} ended without a line like {pattern}");
    }

    /// <summary>Runs redis-cli on the system's Redis.</summary>
    public async Task<string> RedisAsync(params string[] arguments)
    {
        var parts = (await App.GetConnectionStringAsync("redis"))!.Split(',');
        var password = parts.First(part => part.StartsWith("password=", StringComparison.Ordinal))["password=".Length..];
        await using var cli = Tool.Start(
            "redis-cli", AppContext.BaseDirectory, ["-p", parts[0].Split(':')[1], "--no-auth-warning", "-a", password, .. arguments]);
        await cli.SucceedAsync(Eventually.Deadline);
        return string.Join('\n', cli.Lines);
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is { } app)
            await app.DisposeAsync();
    }

    private static bool IsReady(CustomResourceSnapshot snapshot) =>
        snapshot.State?.Text == KnownResourceStates.Running && snapshot.HealthStatus == Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy;

    private static Uri AddressOf(CustomResourceSnapshot snapshot) =>
        new(snapshot.EnvironmentVariables.First(variable => variable.Name == "ASPNETCORE_URLS").Value!.Split(';')[0]);
}
