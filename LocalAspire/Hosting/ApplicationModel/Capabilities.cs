using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.ApplicationModel
{
    /// <summary>A resource whose process gets environment variables.</summary>
    public interface IResourceWithEnvironment : IResource;

    /// <summary>A resource whose process gets command line arguments.</summary>
    public interface IResourceWithArgs : IResource;

    /// <summary>A resource that others reach at an address.</summary>
    public interface IResourceWithEndpoints : IResource;

    /// <summary>A resource that can wait for others before it starts.</summary>
    public interface IResourceWithWaitSupport : IResource;

    /// <summary>A value that is known only while the application runs, such as a port.</summary>
    public interface IValueProvider
    {
        /// <summary>Gets the value.</summary>
        /// <param name="cancellationToken">Ends the wait for the value.</param>
        ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default);
    }

    /// <summary>A value that can be written as a placeholder.</summary>
    public interface IManifestExpressionProvider
    {
        /// <summary>The placeholder, such as <c>{redis.bindings.tcp.port}</c>.</summary>
        string ValueExpression { get; }
    }

    /// <summary>A resource to which a connection string leads.</summary>
    public interface IResourceWithConnectionString : IResource, IManifestExpressionProvider, IValueProvider
    {
        /// <summary>The connection string with its parts still unresolved.</summary>
        ReferenceExpression ConnectionStringExpression { get; }

        /// <summary>The variable for the connection string; null: <c>ConnectionStrings__{name}</c>.</summary>
        string? ConnectionStringEnvironmentVariable => null;

        string IManifestExpressionProvider.ValueExpression => $"{{{Name}.connectionString}}";

        /// <summary>Gets the connection string.</summary>
        /// <param name="cancellationToken">Ends the wait for its parts.</param>
        ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default) =>
            ConnectionStringExpression.GetValueAsync(cancellationToken);

        ValueTask<string?> IValueProvider.GetValueAsync(CancellationToken cancellationToken) => GetConnectionStringAsync(cancellationToken);

        /// <summary>The parts of the connection string by name, such as Host and Port.</summary>
        IEnumerable<KeyValuePair<string, ReferenceExpression>> GetConnectionProperties() => [];
    }
}

namespace Aspire.Hosting
{
    /// <summary>A resource that others find by its name.</summary>
    public interface IResourceWithServiceDiscovery : IResourceWithEndpoints;
}
