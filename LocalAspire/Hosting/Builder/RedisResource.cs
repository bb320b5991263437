using System.Globalization;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A Redis server: a process <c>redis-server</c> of this machine.</summary>
/// <param name="name">The name of the resource.</param>
/// <param name="password">Its password.</param>
public class RedisResource(string name, ParameterResource password) : ContainerResource(name), IResourceWithConnectionString
{
    internal const string PrimaryEndpointName = "tcp";

    /// <summary>Its address.</summary>
    public EndpointReference PrimaryEndpoint => new(this, PrimaryEndpointName);

    /// <summary>Its host.</summary>
    public EndpointReferenceExpression Host => PrimaryEndpoint.Property(EndpointProperty.Host);

    /// <summary>Its port.</summary>
    public EndpointReferenceExpression Port => PrimaryEndpoint.Property(EndpointProperty.Port);

    /// <summary>Its password.</summary>
    public ParameterResource? PasswordParameter { get; } = password;

    /// <summary><c>redis://:password@host:port</c>.</summary>
    public ReferenceExpression UriExpression =>
        ReferenceExpression.Create($"{PrimaryEndpoint.Property(EndpointProperty.Scheme)}://:{PasswordParameter!}@{Host}:{Port}");

    /// <summary><c>host:port,password=…</c>, as StackExchange.Redis reads it.</summary>
    public ReferenceExpression ConnectionStringExpression =>
        ReferenceExpression.Create($"{PrimaryEndpoint.Property(EndpointProperty.HostAndPort)},password={PasswordParameter!}");

    IEnumerable<KeyValuePair<string, ReferenceExpression>> IResourceWithConnectionString.GetConnectionProperties() =>
    [
        new("Host", ReferenceExpression.Create($"{Host}")),
        new("Port", ReferenceExpression.Create($"{Port}")),
        new("Password", ReferenceExpression.Create($"{PasswordParameter!}")),
        new("Uri", UriExpression),
    ];

    /// <summary>Gets the connection string.</summary>
    /// <param name="cancellationToken">Ends the wait for its parts.</param>
    public ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default) =>
        ConnectionStringExpression.GetValueAsync(cancellationToken);
}

internal sealed record PersistenceAnnotation(TimeSpan Interval, long KeysChangedThreshold) : IResourceAnnotation
{
    public string SavePoint => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, (long)Interval.TotalSeconds)} {KeysChangedThreshold}");
}
