using SseScaling.Api;
using SseScaling.Api.Cluster;
using SseScaling.Api.Pages;
using SseScaling.Api.Social;

// Its own folder, whichever it is started in: settings are found there, and nothing else is watched for changes, as all of `/` would be.
var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });

// Health checks, telemetry, shutdown: what all services of the solution share.
builder.AddServiceDefaults();

// Where events come from: Redis for several replicas, memory for one process.
builder.AddBackplane();

// Who gets them: topics, their subscribers, and the clients' streams.
builder.AddDelivery();

// What replicas know of each other: their figures, and each user's streams.
builder.AddCluster();

// What people see: the demo and the monitor.
builder.AddPages();

// Who follows whom, and what users want.
builder.AddSocial();

var app = builder.Build();

app.MapDefaultEndpoints();
app.MapApi();
app.MapPages();

app.Run();
