using SseScaling.Publisher;
using SseScaling.Publisher.Http;

const string Redis = "redis";

var parsed = PublisherCommand.Parse(args);
if (parsed.Errors.Count > 0)
    return Refuse([parsed.Errors[0].Message]);
if (parsed.Action is not null)
    return await parsed.InvokeAsync();

try
{
    // Its own folder, whichever it is started in: settings are found there, and nothing else is watched for changes, as all of `/` would be.
    var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
    builder.Configuration.AddInMemoryCollection(PublisherCommand.Given(parsed));

    var options = PublisherOptions.Read(builder.Configuration);
    if (string.IsNullOrEmpty(builder.Configuration.GetConnectionString(Redis)))
        return Refuse([$"There is no Redis to publish to: set ConnectionStrings__{Redis}=host:port, or start everything with ./run."]);

    // Health, telemetry, and the Redis messaging that the API uses as well.
    builder.AddServiceDefaults();
    builder.Services.AddSsePublisher().AddRedis(Redis);

    // The synthetic social network.
    builder.Services.AddPublisher(options);

    var app = builder.Build();
    app.UseOriginCheck();
    app.MapDefaultEndpoints();
    app.MapPublisher();
    await app.RunAsync();
    return 0;
}
catch (Exception exception) when (StartMistake.Of(exception) is { } sentences)
{
    return Refuse([sentences]);
}

static int Refuse(IEnumerable<string> sentences)
{
    foreach (var sentence in sentences)
        Console.Error.WriteLine(sentence);
    return 1;
}
