using System.Globalization;

namespace SseScaling.Connections;

/// <summary>How the file descriptors of this process are shared out, so that whatever clients do leaves the runtime, Redis and the log what they need.</summary>
/// <remarks>
/// The system gives out the lowest free number (open(2)), so a new descriptor's number says how many there are, whoever opened them: below <see cref="Ceiling"/>
/// everybody is served, up to <see cref="Last"/> a new connection takes an idle one's place, beyond it is closed at once. A process that runs out of descriptors does not only
/// refuse: .NET ends it when a new thread finds none.
/// </remarks>
internal static class DescriptorBudget
{
    /// <summary>The smallest limit that a process starts with: an idle replica has about 230 open.</summary>
    public const int Least = 512;

    // Requests that are no streams, health and publishing among them.
    private const int Requests = 32;

    private static long Margin => Math.Clamp(Limit / 4, 128, 256);

    /// <summary>How many the process may have open; where the system does not say, there is no limit. The runtime has raised the soft limit to the hard one.</summary>
    public static long Limit { get; } = ReadLimit();

    /// <summary>The first number that is kept for others than clients.</summary>
    public static long Ceiling => Limit - Margin;

    /// <summary>The last number with which a client is answered.</summary>
    public static long Last => Limit - (Margin / 2);

    /// <summary>How many streams there is room for beside what is open now.</summary>
    public static long Streams() => Limit == int.MaxValue ? Limit : Math.Max(1, Ceiling - CountOpen() - Requests);

    private static int CountOpen() => Directory.GetFileSystemEntries("/proc/self/fd").Length;

    private static long ReadLimit()
    {
        const string Limits = "/proc/self/limits";
        if (!File.Exists(Limits))
            return int.MaxValue;
        var line = File.ReadLines(Limits).First(l => l.StartsWith("Max open files", StringComparison.Ordinal));
        var soft = line["Max open files".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        return soft == "unlimited" ? int.MaxValue : long.Parse(soft, CultureInfo.InvariantCulture);
    }
}
