namespace SseScaling.LoadTest.Clients;

/// <summary>The limit of open files, of which every connection takes one.</summary>
internal static class FileLimit
{
    // The runtime's own: assemblies, pipes, epoll sets, console, the report.
    private const int Others = 300;

    /// <summary>Raises the limit as far as needed.</summary>
    /// <exception cref="UsageException">This process may not.</exception>
    public static void Ensure(int connections, int publishers)
    {
        if (!OperatingSystem.IsLinux()) return;
        var others = (ulong)(publishers + Others);
        var needed = (ulong)connections + others;
        var limit = Libc.RaiseOpenFiles(needed);
        if (limit >= needed) return;
        throw new UsageException(
            $"{connections:#,0} connections need {needed:#,0} open files and this process may have {limit:#,0}: raise the limit (ulimit -n {needed}) or take --connections {(limit > others ? limit - others : 0)}.");
    }
}
