using System.Collections;
using System.Diagnostics;
using System.Runtime.InteropServices;

// A service that says what it got from its host, and misbehaves when told to.
var builder = WebApplication.CreateBuilder(args);
builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(2));
using var deaf = builder.Configuration["IGNORE_SIGTERM"] is "true"
    ? PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => signal.Cancel = true)
    : null;
if (deaf is not null)
    builder.Services.AddSingleton<IHostLifetime, EndlessLifetime>();

var app = builder.Build();
app.MapGet("/environment", () => Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
    .ToDictionary(pair => (string)pair.Key, pair => (string?)pair.Value));
app.MapGet("/folder", () => Environment.CurrentDirectory);
app.MapGet("/pid", () => Environment.ProcessId);
app.MapGet("/health", (IConfiguration configuration) =>
    configuration["HEALTH_GATE"] is { Length: > 0 } gate && !File.Exists(gate)
        ? Results.StatusCode(StatusCodes.Status503ServiceUnavailable)
        : Results.Ok());
app.MapPost("/crash", () => Environment.FailFast("told to"));
app.MapPost("/hello", () => Console.WriteLine("hello"));
app.MapPost("/child", () => Process.Start("sleep", "600").Id);
app.MapPost("/say", (string text) => Console.WriteLine(text));
app.MapGet("/stream", async (HttpContext context) =>
{
    await context.Response.Body.FlushAsync();
    for (var number = 0; !context.RequestAborted.IsCancellationRequested; number++)
    {
        await context.Response.WriteAsync($"{number}\n", context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        await Task.Delay(TimeSpan.FromMilliseconds(100), context.RequestAborted);
    }
});
app.Run();

internal sealed class EndlessLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
