using System.Net.Http.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace LocalAspire.Tests.Hosting;

/// <summary>The AppHost of the tests, started with real processes.</summary>
internal sealed class EchoApplication : IAsyncDisposable
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private EchoApplication(DistributedApplication application) => Application = application;

    public DistributedApplication Application { get; }

    public ResourceNotificationService Notifications => Application.ResourceNotifications;

    public static async Task<EchoApplication> StartAsync(params string[] args)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.EchoAppHost>(args, deadline.Token);
        var application = new EchoApplication(await builder.BuildAsync(deadline.Token));
        await application.Application.StartAsync(deadline.Token);
        return application;
    }

    public static async Task<EchoApplication> StartHealthyAsync(params string[] args)
    {
        var application = await StartAsync(args);
        await application.WaitAsync("caller", KnownResourceStates.Running);
        return application;
    }

    public async Task<ResourceEvent> WaitAsync(string nameOrId, string state)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        return await Notifications.WaitForResourceAsync(nameOrId, change => change.Snapshot.State?.Text == state, deadline.Token);
    }

    public async Task<ResourceEvent> WaitHealthyAsync(string nameOrId)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        return await Notifications.WaitForResourceHealthyAsync(nameOrId, WaitBehavior.WaitOnResourceUnavailable, deadline.Token);
    }

    public IReadOnlyList<string> Instances(string name) =>
        Application.Services.GetRequiredService<DistributedApplicationModel>().Resources.Single(resource => resource.Name == name).GetInstanceIds();

    public CustomResourceSnapshot Snapshot(string nameOrId) =>
        Notifications.TryGetCurrentState(nameOrId, out var current) ? current.Snapshot : throw new InvalidOperationException($"No instance '{nameOrId}'.");

    public static int ProcessId(CustomResourceSnapshot snapshot) => (int)snapshot.Properties.Single(property => property.Name == "executable.pid").Value!;

    public async Task<ExecuteCommandResult> CommandAsync(string id, string command)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        return await Application.ResourceCommands.ExecuteCommandAsync(id, command, deadline.Token);
    }

    /// <summary>A client that makes a connection for each request, so that each may meet another replica.</summary>
    public HttpClient Client(string resource = "echo")
    {
        var client = Application.CreateHttpClient(resource);
        client.DefaultRequestHeaders.ConnectionClose = true;
        return client;
    }

    public async Task<Dictionary<string, string>> EnvironmentAsync(string resource)
    {
        using var client = Client(resource);
        return (await client.GetFromJsonAsync<Dictionary<string, string>>("/environment", TestContext.Current.CancellationToken))!;
    }

    public ValueTask DisposeAsync() => Application.DisposeAsync();
}
