using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace SseScaling.Api.Http;

/// <summary>
/// Describes the two streams, of which ASP.NET Core sees only that they take a request and write a response. Stands before <see cref="OperationDescription"/>.
/// </summary>
internal sealed class StreamDescription : IOpenApiOperationTransformer
{
    private const int MaxTopics = 100;

    private const string Example = "retry: 1000\n\nid: 5f2c1a-1\ndata: {\"type\":\"like\",\"authorId\":\"7\"}\n\n";

    public Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        switch (operation.OperationId)
        {
            case "UserStream":
                operation.Summary = "A user's stream";
                operation.Parameters = [Query("userId", "The user.", JsonSchemaType.String, isRequired: true), .. Common()];
                operation.Responses = Responses(context.Document);
                operation.Responses["429"] = Problem("Too Many Requests: the user has too many open streams", context.Document);
                break;
            case "TopicStream":
                operation.Summary = "A stream of any topics";
                operation.Parameters = [Topics(), .. Common()];
                operation.Responses = Responses(context.Document);
                break;
            default:
                return Task.CompletedTask;
        }

        operation.Tags = new HashSet<OpenApiTagReference> { new("Streams", context.Document) };
        operation.Description =
            "Server-Sent Events until either side ends it. data is the published JSON, unchanged; durable events have an id, with which a client resumes. "
            + "Where history does not hold what the client missed, an event named gap says so: {\"topic\",\"from\",\"to\"}.";
        return Task.CompletedTask;
    }

    /// <summary>A response with problem details.</summary>
    internal static OpenApiResponse Problem(string description, OpenApiDocument? document) => new()
    {
        Description = description,
        Content = new Dictionary<string, OpenApiMediaType>
        {
            ["application/problem+json"] = new() { Schema = new OpenApiSchemaReference("ProblemDetails", document) },
        },
    };

    private static OpenApiResponses Responses(OpenApiDocument? document) => new()
    {
        ["200"] = new OpenApiResponse { Description = "The stream", Content = Stream() },
        ["400"] = Problem("Bad Request", document),
        ["503"] = Problem("Service Unavailable: all places are taken, or the replica is stopping", document),
    };

    private static Dictionary<string, OpenApiMediaType> Stream() => new()
    {
        ["text/event-stream"] = new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String }, Example = JsonValue.Create(Example) },
    };

    private static IEnumerable<IOpenApiParameter> Common() =>
    [
        Query("types", "Only events whose data has one of these types, 1 to 100 with commas between; left out: all.", JsonSchemaType.String),
        Query("batch", "A window in milliseconds, 0 to 10,000: what arrives within it comes as one event {\"batch\":[…]}; 0: none.", JsonSchemaType.Integer),
        Query("lastEventId", "The id of the last event that was seen, for clients that cannot set the header.", JsonSchemaType.String),
        new OpenApiParameter
        {
            Name = "Last-Event-ID", In = ParameterLocation.Header, Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            Description = "The id of the last event that was seen; left out: the stream starts live.",
        },
    ];

    private static OpenApiParameter Topics() => new()
    {
        Name = "topic",
        In = ParameterLocation.Query,
        Required = true,
        Explode = true,
        Description = $"1 to {MaxTopics} topics, each a parameter of its own: topic=a&topic=b.",
        Schema = new OpenApiSchema
        {
            Type = JsonSchemaType.Array,
            MinItems = 1,
            MaxItems = MaxTopics,
            Items = new OpenApiSchema { Type = JsonSchemaType.String },
        },
    };

    private static OpenApiParameter Query(string name, string description, JsonSchemaType type, bool isRequired = false) => new()
    {
        Name = name,
        In = ParameterLocation.Query,
        Required = isRequired,
        Description = description,
        Schema = new OpenApiSchema { Type = type },
    };
}
