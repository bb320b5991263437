using System.Diagnostics;

namespace LocalAspire;

/// <summary>
/// A shell that outlives the AppHost. It holds the reading end of a pipe; when the AppHost is gone, in whatever way, the pipe ends, and
/// the shell kills every process group that was still registered and removes the temporary folder. A normal stop goes the same way, with
/// no group left. The death signal of prctl(2) is no way to do this: it is tied to the thread that forked, and .NET's threads come and go.
/// </summary>
internal sealed class Guardian : IAsyncDisposable
{
    private const string Script = """
        while read -r verb group; do
            case "$verb" in
                watch) watched="$watched $group" ;;
                forget)
                    left=
                    for known in $watched; do
                        [ "$known" = "$group" ] || left="$left $known"
                    done
                    watched=$left ;;
            esac
        done
        for group in $watched; do kill -s KILL -- "-$group"; done 2> /dev/null
        rm -rf -- "$1"
        """;

    private readonly Lock _gate = new();
    private readonly Process _shell;

    public Guardian()
    {
        TemporaryFolder = Directory.CreateTempSubdirectory("aspire-").FullName;
        _shell = Process.Start(new ProcessStartInfo("setsid", ["/bin/sh", "-c", Script, "aspire-guardian", TemporaryFolder])
        {
            RedirectStandardInput = true,
            WorkingDirectory = "/",
        })!;
        _shell.StandardInput.AutoFlush = true;
    }

    /// <summary>Only this user can read it; it goes when the AppHost goes.</summary>
    public string TemporaryFolder { get; }

    public void Watch(int group) => Tell($"watch {group}");

    public void Forget(int group) => Tell($"forget {group}");

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
            _shell.StandardInput.Close();
        await _shell.WaitForExitAsync();
        _shell.Dispose();
    }

    private void Tell(string line)
    {
        lock (_gate)
            _shell.StandardInput.Write(line + "\n");
    }
}
