using System.Globalization;

namespace SseScaling.Connections;

/// <summary>How many streams this process can hold.</summary>
/// <param name="Connections">The number.</param>
/// <param name="Source">Where it comes from, for the log.</param>
internal sealed record ConnectionCapacity(long Connections, string Source)
{
    // Redis, log and assembly files, the listener, requests that are no streams, and room to answer 503.
    private const int ReservedDescriptors = 200;

    /// <summary>
    /// The configured limit, or what the file limit leaves. The .NET runtime raises the soft limit to the hard one at start, so the soft limit that
    /// is read here is all there is.
    /// </summary>
    public static ConnectionCapacity Of(SseOptions options)
    {
        var descriptors = DescriptorLimit();
        var possible = Math.Max(1, descriptors - ReservedDescriptors);
        if (options.MaxConnections == 0)
            return new ConnectionCapacity(possible, $"file limit {descriptors}");
        return options.MaxConnections <= possible
            ? new ConnectionCapacity(options.MaxConnections, "Sse:MaxConnections")
            : new ConnectionCapacity(possible, $"file limit {descriptors}, below Sse:MaxConnections {options.MaxConnections}");
    }

    private static long DescriptorLimit()
    {
        const string Limits = "/proc/self/limits";
        if (!File.Exists(Limits))
            return int.MaxValue;
        var line = File.ReadLines(Limits).First(l => l.StartsWith("Max open files", StringComparison.Ordinal));
        var soft = line["Max open files".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        return soft == "unlimited" ? int.MaxValue : long.Parse(soft, CultureInfo.InvariantCulture);
    }
}
