using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using Xunit;

namespace SseScaling.Tests.Testing;

/// <summary>A program that nobody here wrote, started for a test and ended with it; its output is kept by lines.</summary>
public sealed class Tool : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly Process _process;

    private Tool(Process process) => _process = process;

    public IReadOnlyCollection<string> Lines => _lines;

    /// <param name="program">Found through the PATH; the test fails with a sentence when it is not there.</param>
    /// <param name="folder">Where it runs.</param>
    /// <param name="arguments">Its arguments.</param>
    public static Tool Start(string program, string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        // What the tests themselves are told is not for what they start.
        foreach (var name in start.Environment.Keys.Where(IsSetting).ToArray())
            start.Environment.Remove(name);
        try
        {
            var tool = new Tool(Process.Start(start)!);
            tool.Listen();
            return tool;
        }
        catch (Win32Exception)
        {
            Assert.Fail($"'{program}' is needed for this test and is not on the PATH: install it.");
            throw;
        }
    }

    /// <summary>Waits until so many lines fit, and returns them.</summary>
    public async Task<List<string>> LinesAsync(Func<string, bool> fits, int count)
    {
        await Eventually.TrueAsync(() => _lines.Count(fits) >= count, $"{count} lines fit in:\n{string.Join('\n', _lines)}", TimeSpan.FromSeconds(30));
        return [.. _lines.Where(fits)];
    }

    /// <summary>Waits for the end; fails unless the exit code is 0.</summary>
    public async Task SucceedAsync(TimeSpan within)
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(within, TestContext.Current.CancellationToken);
        Assert.True(_process.ExitCode == 0, $"Exit code {_process.ExitCode}:\n{string.Join('\n', _lines)}");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }

    private static bool IsSetting(string name) =>
        name.StartsWith("Sse__", StringComparison.OrdinalIgnoreCase) || name.StartsWith("ConnectionStrings__", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("ASPNETCORE_", StringComparison.OrdinalIgnoreCase);

    private void Listen()
    {
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private void Keep(string? line)
    {
        if (line is not null)
            _lines.Enqueue(line);
    }
}
