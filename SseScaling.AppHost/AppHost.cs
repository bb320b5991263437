using Microsoft.Extensions.DependencyInjection;
using SseScaling.AppHost;

// Everything is on loopback: no certificate to trust, and the same plain connection to Redis in either of its forms.
var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions
{
    Args = args,
    TrustDeveloperCertificate = false,
    DeveloperCertificateDefaultHttpsTerminationEnabled = false,
});
var checks = new StartupChecks(builder);

// redis-server where it is installed, else Aspire's container.
var redis = builder.AddRedisServer("redis", checks);

// Every replica holds its own share of the browsers' connections; Redis carries the events between them.
var api = builder.AddProject<Projects.SseScaling_Api>("api")
    .WithReference(redis)
    .WaitFor(redis)
    .WithReplicas(checks.Integer("Api:Replicas", otherwise: 3, least: 1, most: 100))
    .WithEnvironment("Sse__MaxStreamsPerUser", "20")
    .WithHttpHealthCheck("/health")
    .WithExternalHttpEndpoints()
    .WithUrlForEndpoint("http", url => { url.DisplayText = "Monitor"; url.Url = "/monitor"; })
    .WithUrlForEndpoint("http", _ => new() { Url = "/", DisplayText = "Demo" })
    .WithReadyMessage();

// The synthetic social network publishes straight to Redis; it waits until someone can listen.
builder.AddProject<Projects.SseScaling_Publisher>("publisher")
    .WithReference(redis)
    .WithReference(api)
    .WaitFor(api)
    .WithScenarioCommands();

// A load for the cluster, started from the dashboard.
builder.AddProject<Projects.SseScaling_LoadTest>("load-test")
    .WithReference(redis)
    .WithReference(api)
    .WithExplicitStart();

// Replicas drain before Redis goes; what would fail in silence is a line after the start, and before it a sentence and exit code 1.
builder.Services.AddSingleton<ResourceStates>().AddHostedService(services => services.GetRequiredService<ResourceStates>());
builder.Services.AddHostedService<OrderlyShutdown>();
if (!await checks.PassAsync())
    return 1;
builder.Build().Run();
return 0;
