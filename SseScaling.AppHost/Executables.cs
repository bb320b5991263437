using System.Diagnostics;

namespace SseScaling.AppHost;

/// <summary>The programs of the PATH.</summary>
internal static class Executables
{
    /// <summary>The file of a command; null where the PATH has none.</summary>
    public static string? Find(string command) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? command + ".exe" : command))
            .FirstOrDefault(File.Exists);

    /// <summary>Whether a command ends with 0 in time.</summary>
    /// <param name="command">The command; one that is not there does not.</param>
    /// <param name="argument">Its argument.</param>
    /// <param name="timeout">After which it is killed.</param>
    public static async Task<bool> SucceedsAsync(string command, string argument, TimeSpan timeout)
    {
        if (Find(command) is not { } file)
            return false;
        using var process = Process.Start(new ProcessStartInfo(file, argument) { RedirectStandardOutput = true, RedirectStandardError = true });
        if (process is null)
            return false;
        using var deadline = new CancellationTokenSource(timeout);
        try
        {
            await Task.WhenAll(
                process.StandardOutput.ReadToEndAsync(deadline.Token), process.StandardError.ReadToEndAsync(deadline.Token), process.WaitForExitAsync(deadline.Token));
            return process.ExitCode == 0;
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            return false;
        }
    }
}
