using SseScaling.Api;

var builder = WebApplication.CreateBuilder(args);

// Health checks, telemetry, shutdown: what all services of the solution share.
builder.AddServiceDefaults();

// Where events come from: Redis for several replicas, memory for one process.
builder.AddBackplane();

// Who gets them: topics, their subscribers, and the clients' streams.
builder.AddDelivery();

var app = builder.Build();

app.MapDefaultEndpoints();
app.MapApi();

app.Run();
