using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace SseScaling.Api.Http;

/// <summary>Describes publishing, whose body is read by hand, since its data stays as it is. Stands before <see cref="OperationDescription"/>.</summary>
internal sealed class PublishDescription : IOpenApiOperationTransformer
{
    public Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        if (operation.OperationId != "Publish")
            return Task.CompletedTask;
        operation.Summary = "Publishes one event, or several";
        operation.Description = "The answer has an id for each, in their order; null where an event is not durable, or was not published since its user does not want it.";
        operation.Tags = new HashSet<OpenApiTagReference> { new("Publishing", context.Document) };
        var one = Event();
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Description = "At most 65536 bytes.",
            Content = Json(
                new OpenApiSchema { OneOf = [one, new OpenApiSchema { Type = JsonSchemaType.Array, MinItems = 1, Items = one }] },
                """{"topic":"notifications:42","data":{"type":"like","authorId":"7"}}"""),
        };
        operation.Responses = new OpenApiResponses
        {
            ["200"] = new OpenApiResponse { Description = "OK", Content = Json(Answer(), """[{"topic":"notifications:42","id":"5f2c1a-1"}]""") },
            ["400"] = StreamDescription.Problem("Bad Request", context.Document),
            ["413"] = StreamDescription.Problem("Content Too Large", context.Document),
            ["415"] = StreamDescription.Problem("Unsupported Media Type: JSON, not compressed", context.Document),
            ["503"] = StreamDescription.Problem("Service Unavailable: nothing is known to be published", context.Document),
        };
        return Task.CompletedTask;
    }

    private static OpenApiSchema Answer() => new()
    {
        Type = JsonSchemaType.Array,
        Items = new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Required = new HashSet<string> { "topic", "id" },
            Properties = new Dictionary<string, IOpenApiSchema>
            {
                ["topic"] = Text("The topic."),
                ["id"] = new OpenApiSchema { Type = JsonSchemaType.String | JsonSchemaType.Null, Description = "Null when it is not durable, or not published." },
                ["filtered"] = new OpenApiSchema { Type = JsonSchemaType.Boolean, Description = "True when its user does not want it, so that it was not published." },
            },
        },
    };

    private static OpenApiSchema Event() => new()
    {
        Type = JsonSchemaType.Object,
        AdditionalPropertiesAllowed = false,
        Required = new HashSet<string> { "topic", "data" },
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["topic"] = Text("At most 256 bytes of UTF-8."),
            ["data"] = new OpenApiSchema { Description = "Any JSON; clients get its bytes unchanged." },
            ["event"] = Text("The name of the event; left out: message."),
            ["key"] = Text("Makes repeats harmless: a topic takes one event with a key."),
            ["durable"] = new OpenApiSchema { Type = JsonSchemaType.Boolean, Description = "Whether history keeps it and it has an id; left out: true." },
            ["collapse"] = Text("Of the events with this key, only the latest is in a batch."),
        },
    };

    private static OpenApiSchema Text(string description) => new() { Type = JsonSchemaType.String, Description = description };

    private static Dictionary<string, OpenApiMediaType> Json(IOpenApiSchema schema, string example) =>
        new() { ["application/json"] = new OpenApiMediaType { Schema = schema, Example = JsonNode.Parse(example) } };
}
