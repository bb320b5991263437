using System.Text.RegularExpressions;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    /// <summary>Tells a resource how to reach a server: its connection string and the parts of it as variables.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="source">The server.</param>
    /// <param name="connectionName">The name of the connection; null: the server's name.</param>
    /// <param name="optional">True: no error where there is no connection string.</param>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithConnectionString> source, string? connectionName = null,
        bool optional = false)
        where TDestination : IResourceWithEnvironment
    {
        var server = source.Resource;
        var name = connectionName ?? server.Name;
        builder.Resource.Annotations.Add(new ReferenceAnnotation(server));
        return builder.WithEnvironment(async context =>
        {
            var connectionString = await server.GetConnectionStringAsync(context.CancellationToken);
            if (connectionString is null && !optional)
                throw new DistributedApplicationException($"The connection string for the resource '{server.Name}' is not available.");
            context.EnvironmentVariables[server.ConnectionStringEnvironmentVariable ?? $"ConnectionStrings__{name}"] = connectionString ?? "";
            foreach (var (part, value) in server.GetConnectionProperties())
                context.EnvironmentVariables[$"{VariableName(name)}_{part}".ToUpperInvariant()] = value;
        });
    }

    /// <summary>Tells a resource how to reach another: the URL of each endpoint as variables.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="source">The other.</param>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source)
        where TDestination : IResourceWithEnvironment
    {
        builder.Resource.Annotations.Add(new ReferenceAnnotation(source.Resource));
        return builder.WithEnvironment(context =>
        {
            foreach (var endpoint in source.Resource.GetEndpoints())
                AddEndpoint(context, endpoint);
        });
    }

    /// <summary>Tells a resource how to reach one endpoint of another.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="endpointReference">The endpoint.</param>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, EndpointReference endpointReference)
        where TDestination : IResourceWithEnvironment
    {
        builder.Resource.Annotations.Add(new ReferenceAnnotation(endpointReference.Resource));
        return builder.WithEnvironment(context => AddEndpoint(context, endpointReference));
    }

    private static void AddEndpoint(EnvironmentCallbackContext context, EndpointReference endpoint)
    {
        context.EnvironmentVariables[$"services__{endpoint.Resource.Name}__{endpoint.EndpointName}__0"] = endpoint;
        context.EnvironmentVariables[$"{VariableName(endpoint.Resource.Name)}_{VariableName(endpoint.EndpointName)}".ToUpperInvariant()] = endpoint;
    }

    private static string VariableName(string name) => NotInVariableName().Replace(name, "_");

    [GeneratedRegex("[^A-Za-z0-9_]")]
    private static partial Regex NotInVariableName();
}

internal sealed record ReferenceAnnotation(IResource Resource) : IResourceAnnotation;
