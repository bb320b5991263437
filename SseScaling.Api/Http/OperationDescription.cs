using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using SseScaling.Api.Social;

namespace SseScaling.Api.Http;

/// <summary>What the API's description says of every operation alike: what a path's users are, an example of the body, when to come again.</summary>
internal sealed class OperationDescription : IOpenApiOperationTransformer
{
    public Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        foreach (var parameter in operation.Parameters ?? [])
        {
            if (parameter.In == ParameterLocation.Path)
                parameter.Description ??= $"A user's id: letters, digits, '-', '_', '.', '@' and ':', at most {UserId.MaxBytes} bytes of UTF-8.";
        }

        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<BodyForm>().FirstOrDefault() is { } form)
        {
            foreach (var content in operation.RequestBody?.Content?.Values ?? [])
                content.Example = JsonNode.Parse(form.Example);
        }

        operation.Responses = InOrder(operation.Responses ?? []);
        return Task.CompletedTask;
    }

    private static OpenApiResponses InOrder(OpenApiResponses responses)
    {
        var ordered = new OpenApiResponses();
        foreach (var (status, response) in responses.OrderBy(one => one.Key, StringComparer.Ordinal))
        {
            if (status is "429" or "503" && response is OpenApiResponse limited)
                limited.Headers = new Dictionary<string, IOpenApiHeader> { ["Retry-After"] = RetryAfter };
            ordered[status] = response;
        }

        return ordered;
    }

    private static OpenApiHeader RetryAfter => new()
    {
        Description = "Seconds to wait before the next try.",
        Schema = new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "1" },
    };
}
