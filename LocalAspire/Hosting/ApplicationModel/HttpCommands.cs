namespace Aspire.Hosting.ApplicationModel;

/// <summary>How a command that is an HTTP request is shown and sent.</summary>
public class HttpCommandOptions : CommandOptions
{
    /// <summary>The method; null: POST.</summary>
    public HttpMethod? Method { get; set; }

    /// <summary>The name of the HTTP client; null: the default one.</summary>
    public string? HttpClientName { get; set; }

    /// <summary>Completes the request before it is sent.</summary>
    public Func<HttpCommandRequestContext, Task>? PrepareRequest { get; set; }

    /// <summary>Judges the response; null: success is a status of 2xx.</summary>
    public Func<HttpCommandResultContext, Task<ExecuteCommandResult>>? GetCommandResult { get; set; }
}

/// <summary>A request about to be sent for a command.</summary>
public sealed class HttpCommandRequestContext
{
    /// <summary>The application's services.</summary>
    public required IServiceProvider ServiceProvider { get; init; }

    /// <summary>The id of the instance.</summary>
    public required string ResourceName { get; init; }

    /// <summary>The endpoint to which it goes.</summary>
    public required EndpointReference Endpoint { get; init; }

    /// <summary>The client that sends it.</summary>
    public required HttpClient HttpClient { get; init; }

    /// <summary>The request.</summary>
    public required HttpRequestMessage Request { get; init; }

    /// <summary>Ends the call.</summary>
    public required CancellationToken CancellationToken { get; init; }
}

/// <summary>The response to a command's request.</summary>
public sealed class HttpCommandResultContext
{
    /// <summary>The application's services.</summary>
    public required IServiceProvider ServiceProvider { get; init; }

    /// <summary>The id of the instance.</summary>
    public required string ResourceName { get; init; }

    /// <summary>The endpoint to which the request went.</summary>
    public required EndpointReference Endpoint { get; init; }

    /// <summary>The client that sent it.</summary>
    public required HttpClient HttpClient { get; init; }

    /// <summary>The response.</summary>
    public required HttpResponseMessage Response { get; init; }

    /// <summary>Ends the call.</summary>
    public required CancellationToken CancellationToken { get; init; }
}
