using System.Text.Json.Serialization;

namespace SseScaling.Api.Http;

/// <summary>Registers what the endpoints share.</summary>
internal static class HttpExtensions
{
    /// <summary>How bodies are read, what is answered when something goes wrong, and the API's description.</summary>
    public static void AddHttpApi(this WebApplicationBuilder builder)
    {
        var services = builder.Services;

        // 100 topics of 256 bytes, each byte written as %xx.
        builder.WebHost.ConfigureKestrel(server => server.Limits.MaxRequestLineSize = 80 << 10);
        services.ConfigureHttpJsonOptions(options =>
        {
            options.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default);
            options.SerializerOptions.PropertyNameCaseInsensitive = false;
            options.SerializerOptions.AllowDuplicateProperties = false;
            options.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        });
        // A body that cannot be read is an exception, which the handler gives a sentence.
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.AddExceptionHandler<ProblemHandler>();
        services.AddProblemDetails(options => options.CustomizeProblemDetails = Problems.Explain);
        services.AddApiDescription();
    }
}
