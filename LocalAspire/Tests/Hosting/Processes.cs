namespace LocalAspire.Tests.Hosting;

/// <summary>Looks at the processes of this machine.</summary>
internal static class Processes
{
    /// <summary>True while the process runs; one that only waits to be reaped does not.</summary>
    public static bool IsAlive(int id) => Stat(id) is { State: not 'Z' };

    public static IReadOnlyList<int> ChildrenOf(int parent) =>
        [.. AllIds().Where(id => Stat(id) is { } stat && stat.Parent == parent)];

    public static string CommandLine(int id) => File.ReadAllText($"/proc/{id}/cmdline").Replace('\0', ' ');

    /// <summary>Waits until all are gone.</summary>
    /// <returns>Those that were still there at the deadline.</returns>
    public static async Task<IReadOnlyList<int>> WaitUntilGoneAsync(IEnumerable<int> ids, TimeSpan deadline)
    {
        using var timeout = new CancellationTokenSource(deadline);
        var left = ids.Where(IsAlive).ToArray();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (left.Length > 0 && !timeout.IsCancellationRequested)
        {
            await timer.WaitForNextTickAsync(CancellationToken.None);
            left = [.. left.Where(IsAlive)];
        }

        return left;
    }

    private static IEnumerable<int> AllIds() =>
        Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _)).Select(name => int.Parse(name!, null));

    private static (char State, int Parent)? Stat(int id)
    {
        try
        {
            // The name, in brackets, may hold anything; the state and the parent follow the last bracket.
            var stat = File.ReadAllText($"/proc/{id}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (fields[0][0], int.Parse(fields[1], null));
        }
        catch (IOException)
        {
            // It has ended between the listing and the reading.
            return null;
        }
    }
}
