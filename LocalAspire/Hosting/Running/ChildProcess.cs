using System.Diagnostics;
using System.Text;

namespace LocalAspire;

/// <summary>What to start.</summary>
internal sealed record ProcessSpec(
    string FileName, IReadOnlyList<string> Arguments, string WorkingDirectory, IReadOnlyDictionary<string, string> Environment)
{
    /// <summary>Given to the process on its standard input; null: the process gets none.</summary>
    public string? Input { get; init; }
}

/// <summary>
/// A process that leads a session of its own, so that Ctrl+C in the terminal reaches only the AppHost, and that cannot outlive the AppHost:
/// 1. a shell starts in the new session and waits for a line;
/// 2. the guardian learns of it;
/// 3. the line comes, and the shell becomes the program, with the same process id. If the AppHost dies before, the shell reads the end of
///    its input instead, and ends.
/// </summary>
internal sealed class ChildProcess
{
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(1);

    private readonly Process _process;
    private readonly Guardian _guardian;

    private ChildProcess(Process process, Guardian guardian, Action<string, bool> output)
    {
        (_process, _guardian) = (process, guardian);
        Id = process.Id;
        Completion = WatchAsync(output);
    }

    public int Id { get; }

    /// <summary>Ends with the exit code (128 + n after signal n), when the last output was read and nobody of its group is left.</summary>
    public Task<int> Completion { get; }

    public static ChildProcess Start(ProcessSpec spec, Guardian guardian, Action<string, bool> output)
    {
        var start = new ProcessStartInfo("setsid")
        {
            WorkingDirectory = spec.WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        var input = spec.Input is null ? " < /dev/null" : "";
        foreach (var argument in (string[])["/bin/sh", "-c", $"read -r go && exec \"$@\"{input}", "sh", spec.FileName, .. spec.Arguments])
            start.ArgumentList.Add(argument);
        start.Environment.Clear();
        foreach (var (name, value) in spec.Environment)
            start.Environment[name] = value;

        var process = Process.Start(start)!;
        guardian.Watch(process.Id);
        var child = new ChildProcess(process, guardian, output);
        process.StandardInput.Write("go\n" + spec.Input);
        process.StandardInput.Close();
        return child;
    }

    /// <summary>Asks the process to end; kills its whole group after the grace time.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        PosixSignals.SendToProcess(Id, PosixSignals.Terminate);
        await Task.WhenAny(Completion, Task.Delay(grace));
        Kill();
        await Completion;
    }

    /// <summary>Kills the process and everything it has started.</summary>
    public void Kill()
    {
        if (Completion.IsCompleted)
            return;
        if (!PosixSignals.SendToGroup(Id, PosixSignals.Kill))
            PosixSignals.SendToProcess(Id, PosixSignals.Kill);
    }

    private async Task<int> WatchAsync(Action<string, bool> output)
    {
        var drained = Task.WhenAll(
            ReadAsync(_process.StandardOutput, line => output(line, false)), ReadAsync(_process.StandardError, line => output(line, true)));
        await _process.WaitForExitAsync();
        PosixSignals.SendToGroup(Id, PosixSignals.Kill);
        _guardian.Forget(Id);
        // Someone who left the group may still hold the pipe.
        await Task.WhenAny(drained, Task.Delay(DrainTimeout));
        var exitCode = _process.ExitCode;
        _process.Dispose();
        return exitCode;
    }

    private static async Task ReadAsync(StreamReader reader, Action<string> line)
    {
        try
        {
            while (await reader.ReadLineAsync() is { } text)
                line(text);
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // The process was given up while someone else still held its output: there is nothing more to read for us.
            line($"(output ended: {error.Message})");
        }
    }
}
