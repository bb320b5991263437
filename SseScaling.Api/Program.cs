using SseScaling.Api;
using SseScaling.Api.Access;
using SseScaling.Api.Http;
using SseScaling.Api.Pages;
using SseScaling.Api.Social;

try
{
    // Its own folder, whichever it is started in: settings are found there, and nothing else is watched for changes, as all of `/` would be.
    var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });

    // Health checks, telemetry, shutdown: what all services of the solution share.
    builder.AddServiceDefaults();

    // Topics, their subscribers and the clients' streams; over Redis for several replicas, in memory for one process.
    var sse = builder.Services.AddSse();
    if (builder.UsesRedis())
        sse.AddRedis(ApiExtensions.Redis);

    // Who may: tokens, cookies, roles, limits.
    builder.AddAccess();

    // How bodies are read, what is answered when something goes wrong, and the API's description.
    builder.AddHttpApi();

    // What people see: the demo and the monitor.
    builder.AddPages();

    // Who follows whom, and what users want.
    builder.AddSocial();

    var app = builder.Build();

    app.MapDefaultEndpoints();
    app.MapApi();
    app.MapPages();
    app.MapApiDescription();

    await app.RunAsync();
    return 0;
}
catch (Exception exception) when (StartMistake.Of(exception) is { } sentences)
{
    Console.Error.WriteLine(sentences);
    return 1;
}
