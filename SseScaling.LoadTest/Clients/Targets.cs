using System.Net;
using System.Net.Sockets;
using SseScaling.LoadTest.Options;

namespace SseScaling.LoadTest.Clients;

/// <summary>A base URL with the address that its name stands for.</summary>
/// <param name="Url">The URL.</param>
/// <param name="EndPoint">Its address and port.</param>
internal sealed record Target(Uri Url, IPEndPoint EndPoint)
{
    /// <summary>A request's path below the base URL's own.</summary>
    public string PathOf(string path) => Url.AbsolutePath.TrimEnd('/') + path;
}

/// <summary>Where clients connect to and from.</summary>
internal static class Targets
{
    // Linux and Windows give about 28,000 and 16,000 ephemeral ports for each pair of addresses; some are always taken.
    private static readonly int PortsPerSource = OperatingSystem.IsLinux() ? 28_000 : 16_000;
    private const int ComfortablePorts = 25_000;

    /// <summary>Looks the names up.</summary>
    /// <exception cref="UsageException">A name is not known.</exception>
    public static async Task<IReadOnlyList<Target>> ResolveAsync(IReadOnlyList<Uri> urls, CancellationToken cancellation)
    {
        var targets = new List<Target>();
        foreach (var url in urls) targets.Add(new Target(url, await ResolveAsync(url.IdnHost.Trim('[', ']'), url.Port, url.ToString(), cancellation)));
        return targets;
    }

    /// <summary>Looks one name up; IPv4 where there is a choice.</summary>
    /// <exception cref="UsageException">The name is not known.</exception>
    public static async Task<IPEndPoint> ResolveAsync(string host, int port, string shown, CancellationToken cancellation)
    {
        try
        {
            var addresses = await Dns.GetHostAddressesAsync(host, cancellation);
            return new IPEndPoint(addresses.OrderBy(address => address.AddressFamily).First(), port);
        }
        catch (SocketException problem)
        {
            throw new UsageException($"{shown} cannot be reached: the name '{host}' is not known ({problem.Message}).");
        }
    }

    /// <summary>The local addresses to connect from; empty to leave it to the system.</summary>
    /// <exception cref="UsageException">There are not enough ports for so many connections.</exception>
    public static IReadOnlyList<IPAddress> Sources(RunOptions options, IReadOnlyList<Target> targets)
    {
        var perTarget = (options.Connections + targets.Count - 1) / targets.Count;
        var needed = (perTarget + ComfortablePorts - 1) / ComfortablePorts;
        if (options.Sources.Count > 0 || needed <= 1) return Enough(options.Sources, perTarget);
        var loopback = targets.All(target => target.EndPoint.AddressFamily == AddressFamily.InterNetwork && IPAddress.IsLoopback(target.EndPoint.Address));
        if (!loopback || !OperatingSystem.IsLinux()) return Enough([], perTarget);
        return [.. Enumerable.Range(0, needed).Select(i => new IPAddress([127, 0, (byte)(1 + i / 250), (byte)(2 + i % 250)]))];
    }

    private static IReadOnlyList<IPAddress> Enough(IReadOnlyList<IPAddress> sources, int perTarget)
    {
        var capacity = PortsPerSource * Math.Max(1, sources.Count);
        return perTarget <= capacity ? sources : throw new UsageException(
            $"{perTarget:#,0} connections to one address need more ports than {Math.Max(1, sources.Count)} local address(es) have ({capacity:#,0}): add addresses with --source.");
    }
}
