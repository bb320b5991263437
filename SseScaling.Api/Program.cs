using SseScaling.Api;
using SseScaling.Api.Pages;
using SseScaling.Api.Social;

// Its own folder, whichever it is started in: settings are found there, and nothing else is watched for changes, as all of `/` would be.
var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });

// Health checks, telemetry, shutdown: what all services of the solution share.
builder.AddServiceDefaults();

// Topics, their subscribers and the clients' streams; over Redis for several replicas, in memory for one process.
var sse = builder.Services.AddSse();
if (builder.UsesRedis())
    sse.AddRedis(ApiExtensions.Redis);
builder.Services.AddSingleton<SseScaling.Api.Http.StreamAdmission>();

// What people see: the demo and the monitor.
builder.AddPages();

// Who follows whom, and what users want.
builder.AddSocial();

var app = builder.Build();

app.MapDefaultEndpoints();
app.MapApi();
app.MapPages();

app.Run();
