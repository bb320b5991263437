using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace SseScaling.LoadTest.Clients;

/// <summary>The calls into Linux's C library that the receive loop and the file limit need; numbers as on x64 and arm64.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe partial class Libc
{
    public const int SocketFlags = 1 /* SOCK_STREAM */ | 0x800 /* SOCK_NONBLOCK */ | 0x80000 /* SOCK_CLOEXEC */;
    public const int Interrupted = 4, WouldBlock = 11, InProgress = 115;
    public const int LevelIp = 0, LevelSocket = 1, LevelTcp = 6;
    public const int SocketError = 4, ReceiveBuffer = 8, Linger = 13, NoDelay = 1, BindAddressNoPort = 24;
    public const int NoSignal = 0x4000;
    public const uint Readable = 1, Writable = 4;
    public const int Add = 1, Modify = 3;
    private const int OpenFiles = 7;

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    public static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    public static partial int Connect(int descriptor, byte* address, uint length);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    public static partial int Bind(int descriptor, byte* address, uint length);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    public static partial int SetOption(int descriptor, int level, int name, int* value, uint length);

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    public static partial int GetOption(int descriptor, int level, int name, int* value, uint* length);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(int descriptor, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    public static partial nint Send(int descriptor, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int EpollControl(int epoll, int operation, int descriptor, byte* what);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int EpollWait(int epoll, byte* events, int count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "nanosleep", SetLastError = true)]
    private static partial int NanoSleep(long* wanted, long* remaining);

    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    private static partial int GetLimit(int resource, ulong* softAndHard);

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static partial int SetLimit(int resource, ulong* softAndHard);

    /// <summary>Sleeps with the kernel's precision of about 50 µs, where .NET's waits have 1 ms.</summary>
    public static void Sleep(long nanoseconds)
    {
        var time = stackalloc long[2] { nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000 };
        NanoSleep(time, null);
    }

    /// <summary>Makes the limit of open files at least <paramref name="wanted"/> if this process may.</summary>
    /// <returns>The limit that holds now.</returns>
    public static ulong RaiseOpenFiles(ulong wanted)
    {
        var limit = stackalloc ulong[2];
        if (GetLimit(OpenFiles, limit) != 0) return wanted;
        if (limit[0] >= wanted) return limit[0];
        var raised = stackalloc ulong[2] { wanted, Math.Max(limit[1], wanted) };
        if (SetLimit(OpenFiles, raised) == 0) return wanted;
        raised[0] = raised[1] = limit[1];
        return SetLimit(OpenFiles, raised) == 0 ? limit[1] : limit[0];
    }
}
