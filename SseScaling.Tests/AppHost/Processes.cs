using System.Diagnostics;
using System.Globalization;

namespace SseScaling.Tests.AppHost;

/// <summary>Looks at the processes of this machine.</summary>
internal static class Processes
{
    /// <summary>The ids of all.</summary>
    public static IEnumerable<int> All() =>
        Directory.EnumerateDirectories("/proc").Select(folder => int.TryParse(Path.GetFileName(folder), out var id) ? id : 0).Where(id => id > 0);

    /// <summary>Those of this user whose environment began with a variable.</summary>
    /// <param name="variable">Name, equals sign, value.</param>
    public static IEnumerable<int> WithVariable(string variable) =>
        All().Where(id => Read(id, "environ").Split('\0').Contains(variable, StringComparer.Ordinal));

    /// <summary>These, and all that they have started and that still belongs to them.</summary>
    public static IReadOnlyCollection<int> WithDescendants(IEnumerable<int> ids)
    {
        var children = All().ToLookup(Parent);
        var found = new HashSet<int>();
        var next = new Queue<int>(ids);
        while (next.TryDequeue(out var id))
        {
            if (!found.Add(id))
                continue;
            foreach (var child in children[id])
                next.Enqueue(child);
        }

        return found;
    }

    /// <summary>The command line, its arguments separated by spaces; empty once the process has ended.</summary>
    public static string CommandLine(int id) => Read(id, "cmdline").Replace('\0', ' ').Trim();

    /// <param name="id">A process.</param>
    /// <param name="signal">A signal's name, without SIG.</param>
    public static async Task SignalAsync(int id, string signal)
    {
        // The shell has a kill of its own; one for a process that has ended meanwhile fails, which is as good.
        using var kill = Process.Start("/bin/sh", ["-c", string.Create(CultureInfo.InvariantCulture, $"kill -{signal} {id} 2>/dev/null")]);
        await kill.WaitForExitAsync(CancellationToken.None);
    }

    // The name, in brackets, may hold anything; the state and the parent follow the last bracket.
    private static int Parent(int id) =>
        Read(id, "stat") is { Length: > 0 } stat ? int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture) : 0;

    private static string Read(int id, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/{file}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It has ended, or is somebody else's.
            return "";
        }
    }
}
