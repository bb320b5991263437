namespace SseScaling.Api.Http;

/// <summary>Registers what the endpoints share.</summary>
internal static class HttpExtensions
{
    /// <summary>How bodies are read and what is answered when something goes wrong, in every environment alike.</summary>
    public static void AddHttpApi(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.ConfigureHttpJsonOptions(options =>
        {
            options.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default);
            options.SerializerOptions.PropertyNameCaseInsensitive = false;
            options.SerializerOptions.AllowDuplicateProperties = false;
        });
        // A body that cannot be read is an exception, which the handler gives a sentence.
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.AddExceptionHandler<ProblemHandler>();
        services.AddProblemDetails(options => options.CustomizeProblemDetails = Problems.Explain);
    }
}
