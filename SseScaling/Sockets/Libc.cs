using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace SseScaling.Sockets;

/// <summary>The calls into Linux's C library that direct sockets need; numbers as on x64 and arm64. Any thread.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe partial class Libc
{
    public const int Interrupted = 4, WouldBlock = 11, TooManyFilesInSystem = 23, TooManyFiles = 24, NoMemory = 12, Aborted = 103, NoBuffers = 105;
    public const int LevelSocket = 1, LevelTcp = 6;
    public const int SendBuffer = 7;
    public const int NoDelay = 1, DeferAccept = 9, Linger = 13;
    public const int Peek = 0x2, DontWait = 0x40, NoSignal = 0x4000, More = 0x8000;
    public const int NonBlocking = 0x800, CloseOnExec = 0x80000;
    public const int ShutReceive = 0, ShutSend = 1, ShutBoth = 2;
    public const uint Readable = 1, Writable = 4, Failed = 8, HungUp = 16;
    public const int Add = 1, Delete = 2, Modify = 3;

    [LibraryImport("libc", EntryPoint = "accept4", SetLastError = true)]
    public static partial int Accept(int descriptor, void* address, void* length, int flags);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(int descriptor, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    public static partial nint Send(int descriptor, byte* buffer, nuint length, int flags);

    // What the next four answer could not be acted on.
    [LibraryImport("libc", EntryPoint = "getsockname")]
    public static partial void GetLocalAddress(int descriptor, void* address, void* length);

    [LibraryImport("libc", EntryPoint = "shutdown")]
    public static partial void Shutdown(int descriptor, int how);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial void Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "setsockopt")]
    public static partial void SetOption(int descriptor, int level, int name, int* value, uint length);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(int descriptor, int command, int argument);

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int EpollControl(int epoll, int operation, int descriptor, byte* what);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int EpollWait(int epoll, byte* events, int count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventDescriptor(uint value, int flags);

    [LibraryImport("libc", EntryPoint = "write")]
    public static partial nint Write(int descriptor, void* buffer, nuint length);

    /// <summary>Another descriptor of the same socket, with the lowest number that is free; -1 when there is none.</summary>
    public static int Duplicate(int descriptor)
    {
        const int DuplicateCloseOnExec = 1030; // F_DUPFD_CLOEXEC, fcntl(2)
        return Control(descriptor, DuplicateCloseOnExec, 0);
    }

    public static void SetOption(int descriptor, int level, int name, int value) => SetOption(descriptor, level, name, &value, sizeof(int));

    /// <summary>Has the close of a socket drop what is not sent and reset the connection: struct linger, on and 0 s.</summary>
    public static void ResetOnClose(int descriptor)
    {
        var linger = stackalloc int[2] { 1, 0 };
        SetOption(descriptor, LevelSocket, Linger, linger, 2 * sizeof(int));
    }
}
