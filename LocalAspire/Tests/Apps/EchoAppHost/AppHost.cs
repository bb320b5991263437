using Microsoft.Extensions.Configuration;

var builder = DistributedApplication.CreateBuilder(args);

var secret = builder.AddParameter("secret", secret: true);
var redis = builder.AddRedis("redis").WithArgs("--appendonly", "yes");

var echo = builder.AddProject<Projects.EchoService>("echo")
    .WithReference(redis)
    .WaitFor(redis)
    .WithReplicas(builder.Configuration.GetValue("Echo:Replicas", 1))
    .WithHttpHealthCheck("/health")
    .WithExternalHttpEndpoints()
    .WithUrlForEndpoint("http", url => { url.DisplayText = "Monitor"; url.Url = "/monitor"; })
    .WithUrlForEndpoint("http", _ => new() { Url = "/", DisplayText = "Demo" })
    .WithUrlForEndpoint("no-such", _ => new() { Url = "/never" })
    .WithHttpCommand("/hello", "Hello")
    .WithCommand("fail", "Fail", _ => Task.FromResult(CommandResults.Failure("on purpose")))
    .WithEnvironment("FROM_BOTH", "model")
    .WithEnvironment("FROM_PARAMETER", secret)
    .WithEnvironment("FROM_CALLBACK", () => "callback")
    .WithEnvironment("IGNORE_SIGTERM", builder.Configuration["Echo:IgnoreSigterm"])
    .WithEnvironment("HEALTH_GATE", builder.Configuration["Echo:HealthGate"]);

builder.AddProject<Projects.EchoService>("caller", launchProfileName: null)
    .WithReference(echo)
    .WaitFor(echo)
    .WithEnvironment("ECHO_PAGE", $"{echo.GetEndpoint("http")}/page")
    .WithHttpEndpoint();

builder.AddProject<Projects.EchoService>("later", launchProfileName: null)
    .WithExplicitStart();

builder.Build().Run();
