namespace SseScaling.AppHost;

/// <summary>Redis as a process: the <c>redis-server</c> of the PATH, with the same names, connection string and properties as Aspire's container.</summary>
/// <remarks>
/// Aspire's <c>AddRedis</c> is a container and nothing else; without a container engine it stays unhealthy, and whoever waits for it waits for ever.
/// Where redis-server is installed it is also quicker: ready 0.3 s after its start, and no image to load. Keeps nothing over a restart.
/// </remarks>
/// <param name="name">The resource's name, which is the connection string's as well.</param>
/// <param name="password">The password that clients must send.</param>
internal sealed class RedisServerResource(string name, ParameterResource password)
    : ExecutableResource(name, "/bin/sh", Path.GetTempPath()), IResourceWithConnectionString
{
    /// <summary>The endpoint's name, as Aspire's container has it.</summary>
    public const string EndpointName = "tcp";

    /// <summary>The environment variable with the port to listen on.</summary>
    public const string PortVariable = "REDIS_SERVER_PORT";

    /// <summary>The environment variable with the password.</summary>
    public const string PasswordVariable = "REDIS_SERVER_PASSWORD";

    /// <summary>
    /// What the shell runs before it is replaced by the server. The configuration goes in by standard input: a command line shows a password to
    /// every user of the machine, an environment only to its own.
    /// </summary>
    public const string Script = $"""
        exec redis-server - <<END
        bind 127.0.0.1
        port ${PortVariable}
        requirepass ${PasswordVariable}
        save ""
        END
        """;

    private EndpointReference? _endpoint;

    /// <summary>What clients must send.</summary>
    public ParameterResource Password => password;

    /// <inheritdoc/>
    public ReferenceExpression ConnectionStringExpression =>
        ReferenceExpression.Create($"{Endpoint.Property(EndpointProperty.HostAndPort)},password={password}");

    private EndpointReference Endpoint => _endpoint ??= new EndpointReference(this, EndpointName);

    private EndpointReferenceExpression Host => Endpoint.Property(EndpointProperty.Host);

    private EndpointReferenceExpression Port => Endpoint.Property(EndpointProperty.Port);

    IEnumerable<KeyValuePair<string, ReferenceExpression>> IResourceWithConnectionString.GetConnectionProperties() =>
    [
        new("Host", ReferenceExpression.Create($"{Host}")),
        new("Port", ReferenceExpression.Create($"{Port}")),
        new("Password", ReferenceExpression.Create($"{password}")),
        new("Uri", ReferenceExpression.Create($"redis://:{password:uri}@{Host}:{Port}")),
    ];
}
