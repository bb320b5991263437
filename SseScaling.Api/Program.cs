using SseScaling.Api;
using SseScaling.Api.Cluster;

var builder = WebApplication.CreateBuilder(args);

// Health checks, telemetry, shutdown: what all services of the solution share.
builder.AddServiceDefaults();

// Where events come from: Redis for several replicas, memory for one process.
builder.AddBackplane();

// Who gets them: topics, their subscribers, and the clients' streams.
builder.AddDelivery();

// What replicas know of each other: their figures, and each user's streams.
builder.AddCluster();

var app = builder.Build();

app.MapDefaultEndpoints();
app.MapApi();

app.Run();
