using System.Runtime.InteropServices;

namespace LocalAspire;

/// <summary>Sends signals to processes and process groups.</summary>
internal static partial class PosixSignals
{
    public const int Kill = 9;
    public const int Terminate = 15;

    /// <returns>False where the process is gone.</returns>
    public static bool SendToProcess(int id, int signal) => SendRaw(id, signal) == 0;

    /// <returns>False where nobody is left in the group.</returns>
    public static bool SendToGroup(int id, int signal) => SendRaw(-id, signal) == 0;

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendRaw(int id, int signal);
}
