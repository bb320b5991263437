using Microsoft.Extensions.Configuration;
using SseScaling.AppHost;

var builder = DistributedApplication.CreateBuilder(args);

var redis = builder.AddRedisServer("redis");

// Every replica holds its own share of the browsers' connections; Redis carries the events between them.
var api = builder.AddProject<Projects.SseScaling_Api>("api")
    .WithReference(redis)
    .WaitFor(redis)
    .WithReplicas(builder.Configuration.GetValue("Api:Replicas", 3))
    .WithEnvironment("Sse__MaxStreamsPerUser", "20")
    .WithHttpHealthCheck("/health")
    .WithExternalHttpEndpoints()
    .WithUrlForEndpoint("http", url => { url.DisplayText = "Monitor"; url.Url = "/monitor"; })
    .WithUrlForEndpoint("http", _ => new() { Url = "/", DisplayText = "Demo" });

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

builder.Build().Run();
