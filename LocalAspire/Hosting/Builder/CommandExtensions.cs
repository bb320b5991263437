using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    /// <summary>Adds a command.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="name">The name by which it is called.</param>
    /// <param name="displayName">What its button says.</param>
    /// <param name="executeCommand">Does it, for one instance.</param>
    /// <param name="commandOptions">How it is shown, and when it can be called.</param>
    public static IResourceBuilder<T> WithCommand<T>(
        this IResourceBuilder<T> builder, string name, string displayName, Func<ExecuteCommandContext, Task<ExecuteCommandResult>> executeCommand,
        CommandOptions? commandOptions = null)
        where T : IResource
    {
        commandOptions ??= new CommandOptions();
        foreach (var old in builder.Resource.Annotations.OfType<ResourceCommandAnnotation>().Where(known => known.Name == name).ToArray())
            builder.Resource.Annotations.Remove(old);
        return builder.WithAnnotation(new ResourceCommandAnnotation(
            name, displayName, commandOptions.UpdateState ?? (_ => ResourceCommandState.Enabled), executeCommand, commandOptions));
    }

    /// <summary>Adds a command that sends an HTTP request to the resource.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="path">The path of the request.</param>
    /// <param name="displayName">What its button says.</param>
    /// <param name="endpointName">The endpoint; null: the first HTTP endpoint.</param>
    /// <param name="commandName">The name by which it is called; null: made of endpoint, method and path.</param>
    /// <param name="commandOptions">How it is shown and sent.</param>
    public static IResourceBuilder<TResource> WithHttpCommand<TResource>(
        this IResourceBuilder<TResource> builder, string path, string displayName, string? endpointName = null, string? commandName = null,
        HttpCommandOptions? commandOptions = null)
        where TResource : IResourceWithEndpoints
    {
        var endpoint = endpointName is null ? builder.Resource.GetHttpEndpoint() : builder.GetEndpoint(endpointName);
        var options = commandOptions ?? new HttpCommandOptions();
        var method = options.Method ?? HttpMethod.Post;
        options.UpdateState ??= context =>
            context.ResourceSnapshot.State?.Text == KnownResourceStates.Running ? ResourceCommandState.Enabled : ResourceCommandState.Disabled;
        builder.ApplicationBuilder.Services.AddHttpClient();
        return builder.WithCommand(
            commandName ?? $"{builder.Resource.Name}-{endpoint.EndpointName}-http-{method.Method.ToLowerInvariant()}-{path}",
            displayName, context => SendAsync(context, endpoint, new HttpRequestMessage(method, new Uri(new Uri(endpoint.Url), path)), options), options);
    }

    private static async Task<ExecuteCommandResult> SendAsync(
        ExecuteCommandContext context, EndpointReference endpoint, HttpRequestMessage request, HttpCommandOptions options)
    {
        using var sent = request;
        using var client = context.ServiceProvider.GetRequiredService<IHttpClientFactory>().CreateClient(options.HttpClientName ?? Options.DefaultName);
        if (options.PrepareRequest is { } prepare)
        {
            await prepare(new HttpCommandRequestContext
            {
                ServiceProvider = context.ServiceProvider,
                ResourceName = context.ResourceName,
                Endpoint = endpoint,
                HttpClient = client,
                Request = request,
                CancellationToken = context.CancellationToken,
            });
        }

        using var response = await client.SendAsync(request, context.CancellationToken);
        if (options.GetCommandResult is { } judge)
        {
            return await judge(new HttpCommandResultContext
            {
                ServiceProvider = context.ServiceProvider,
                ResourceName = context.ResourceName,
                Endpoint = endpoint,
                HttpClient = client,
                Response = response,
                CancellationToken = context.CancellationToken,
            });
        }

        return response.IsSuccessStatusCode ? CommandResults.Success() : CommandResults.Failure($"Request failed with status code {response.StatusCode}");
    }
}
