using System.Net.Sockets;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>An address at which a resource is reached.</summary>
public sealed class EndpointAnnotation : IResourceAnnotation
{
    /// <summary>Describes an endpoint.</summary>
    /// <param name="protocol">Only TCP is supported.</param>
    /// <param name="uriScheme">Such as http; by default tcp.</param>
    /// <param name="transport">How the protocol is carried; by default the scheme.</param>
    /// <param name="name">Unique in its resource; by default the scheme.</param>
    /// <param name="port">The port that others use; null: a free one.</param>
    /// <param name="targetPort">The port on which the process listens; null: a free one.</param>
    /// <param name="isExternal">True: meant for clients outside the application.</param>
    /// <param name="isProxied">True: a proxy stands before the replicas.</param>
    public EndpointAnnotation(
        ProtocolType protocol, string? uriScheme = null, string? transport = null, string? name = null, int? port = null, int? targetPort = null,
        bool? isExternal = null, bool isProxied = true)
    {
        Protocol = protocol;
        UriScheme = uriScheme ?? "tcp";
        Transport = transport ?? UriScheme;
        Name = name ?? UriScheme;
        (Port, TargetPort, IsExternal, IsProxied) = (port, targetPort, isExternal ?? false, isProxied);
    }

    /// <summary>The name, unique in its resource.</summary>
    public string Name { get; set; }

    /// <summary>The transport protocol.</summary>
    public ProtocolType Protocol { get; set; }

    /// <summary>The scheme of the URL.</summary>
    public string UriScheme { get; set; }

    /// <summary>How the protocol is carried.</summary>
    public string Transport { get; set; }

    /// <summary>The port that others use; null: a free one.</summary>
    public int? Port { get; set; }

    /// <summary>The port on which the process listens; null: a free one.</summary>
    public int? TargetPort { get; set; }

    /// <summary>The host name in the URL.</summary>
    public string TargetHost { get; set; } = "localhost";

    /// <summary>True: meant for clients outside the application. Matters where the application is published.</summary>
    public bool IsExternal { get; set; }

    /// <summary>True: a proxy stands before the replicas.</summary>
    public bool IsProxied { get; set; }

    /// <summary>The address; null until the application starts.</summary>
    public AllocatedEndpoint? AllocatedEndpoint { get; set; }
}

/// <summary>The address that an endpoint got.</summary>
/// <param name="endpoint">The endpoint.</param>
/// <param name="address">Host name or address.</param>
/// <param name="port">The port.</param>
public class AllocatedEndpoint(EndpointAnnotation endpoint, string address, int port)
{
    /// <summary>The endpoint.</summary>
    public EndpointAnnotation Endpoint { get; } = endpoint;

    /// <summary>Host name or address.</summary>
    public string Address { get; } = address;

    /// <summary>The port.</summary>
    public int Port { get; } = port;

    /// <summary>The scheme of the URL.</summary>
    public string UriScheme => Endpoint.UriScheme;

    /// <summary><c>host:port</c>.</summary>
    public string EndPointString => $"{Address}:{Port}";

    /// <summary><c>scheme://host:port</c>.</summary>
    public string UriString => $"{UriScheme}://{EndPointString}";

    /// <inheritdoc />
    public override string ToString() => UriString;
}
