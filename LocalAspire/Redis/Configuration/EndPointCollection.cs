using System.Collections.ObjectModel;
using System.Globalization;
using System.Net;

namespace StackExchange.Redis;

/// <summary>The addresses of a server; the first that answers is used.</summary>
public sealed class EndPointCollection : Collection<EndPoint>
{
    /// <summary>Adds host and port.</summary>
    public void Add(string host, int port) => Add(Create(host, port));

    /// <summary>Adds an address and port.</summary>
    public void Add(IPAddress host, int port) => Add(new IPEndPoint(host, port));

    /// <summary>Adds `host`, `host:port` or `[address]:port`.</summary>
    /// <exception cref="ArgumentException">It is none of these.</exception>
    public void Add(string hostAndPort) =>
        Add(TryParse(hostAndPort) ?? throw new ArgumentException($"Could not parse host and port from '{hostAndPort}'", nameof(hostAndPort)));

    /// <summary>Adds an endpoint unless it is there already.</summary>
    public bool TryAdd(EndPoint endpoint)
    {
        if (Contains(endpoint))
            return false;

        Add(endpoint);
        return true;
    }

    /// <summary>An endpoint as it stands in a connection string.</summary>
    public static string ToString(EndPoint? endpoint) => endpoint switch
    {
        DnsEndPoint { Port: 0 } dns => dns.Host,
        DnsEndPoint dns => $"{dns.Host}:{dns.Port.ToString(CultureInfo.InvariantCulture)}",
        IPEndPoint { Port: 0 } ip => ip.Address.ToString(),
        null => "",
        _ => endpoint.ToString() ?? "",
    };

    /// <summary>Reads `host`, `host:port` or `[address]:port`; null where it is none of these.</summary>
    public static EndPoint? TryParse(string endpoint)
    {
        if (string.IsNullOrWhiteSpace(endpoint))
            return null;

        if (IPAddress.TryParse(endpoint, out var address) && (endpoint.StartsWith('[') is false || endpoint.EndsWith(']')))
            return new IPEndPoint(address, 0);

        var colon = endpoint.LastIndexOf(':');
        if (colon < 0)
            return new DnsEndPoint(endpoint, 0);

        return colon > 0 && ushort.TryParse(endpoint.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? Create(endpoint[..colon], port)
            : null;
    }

    internal EndPointCollection Clone()
    {
        var clone = new EndPointCollection();
        foreach (var endpoint in this)
            clone.Add(endpoint);

        return clone;
    }

    internal void SetDefaultPorts(int port)
    {
        for (var i = 0; i < Count; i++)
        {
            this[i] = this[i] switch
            {
                DnsEndPoint { Port: 0 } dns => new DnsEndPoint(dns.Host, port),
                IPEndPoint { Port: 0 } ip => new IPEndPoint(ip.Address, port),
                var other => other,
            };
        }
    }

    private static EndPoint Create(string host, int port) =>
        IPAddress.TryParse(host, out var address) ? new IPEndPoint(address, port) : new DnsEndPoint(host, port);
}
