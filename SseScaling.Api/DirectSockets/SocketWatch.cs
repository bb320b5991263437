using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace SseScaling.Api.DirectSockets;

/// <summary>
/// One thread that waits for all direct connections at once: for those that end, and for those that take more of what waits for them. An idle connection
/// costs it a place in a table, and a new one a single system call.
/// </summary>
/// <remarks>
/// Connections are found by their descriptors, which the system gives out anew: an event of a closed one may reach its successor, to whom it is no more than an
/// unneeded look. Descriptors are used under their connections' locks only, which <see cref="DirectConnection"/> sees to.
/// </remarks>
[SupportedOSPlatform("linux")]
internal sealed unsafe class SocketWatch : IDisposable
{
    private const int EventsAtOnce = 512;

    // What one send of a backlog takes: some frames of the largest size.
    private const int BufferSize = 256 << 10;

    // struct epoll_event (epoll_ctl(2)): u32 events, u64 data; packed on x64 and x86 only.
    private static readonly bool IsPacked = RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.X86;
    private static readonly int EventSize = IsPacked ? 12 : 16;
    private static readonly int DataOffset = IsPacked ? 4 : 8;

    private readonly Lock _gate = new();
    private readonly Thread _thread;
    private readonly int _epoll;
    private readonly int _stop;
    private DirectConnection?[] _connections = new DirectConnection?[1024];

    public SocketWatch()
    {
        _epoll = Check(Libc.EpollCreate(Libc.CloseOnExec));
        _stop = Check(Libc.EventDescriptor(0, Libc.CloseOnExec));
        Check(Control(Libc.Add, _stop, Libc.Readable));
        _thread = new Thread(Run) { IsBackground = true, Name = "socket watch" };
        _thread.Start();
    }

    /// <summary>Begins to watch a connection.</summary>
    /// <param name="connection">The connection, under its lock.</param>
    /// <param name="writable">Whether something waits for it.</param>
    /// <returns>False when the system watches no more (fs.epoll.max_user_watches).</returns>
    public bool Add(DirectConnection connection, bool writable)
    {
        var descriptor = connection.Descriptor;
        lock (_gate)
        {
            if (descriptor >= _connections.Length)
                Array.Resize(ref _connections, Math.Max(descriptor + 1, _connections.Length * 2));
            _connections[descriptor] = connection;
        }

        return Control(Libc.Add, descriptor, Events(writable)) == 0;
    }

    /// <summary>Says whether something waits for a watched connection, which cannot fail while it is open. Under its lock.</summary>
    public void Change(DirectConnection connection, bool writable) => Control(Libc.Modify, connection.Descriptor, Events(writable));

    /// <summary>Forgets a connection whose descriptor is about to be closed, which ends the watching.</summary>
    public void Remove(DirectConnection connection)
    {
        lock (_gate)
        {
            if (connection.Descriptor < _connections.Length)
                _connections[connection.Descriptor] = null;
        }
    }

    public void Dispose()
    {
        var one = 1UL;
        Libc.Write(_stop, &one, sizeof(ulong));
        _thread.Join();
        Libc.Close(_stop);
        Libc.Close(_epoll);
    }

    private static uint Events(bool writable) => writable ? Libc.Readable | Libc.Writable : Libc.Readable;

    private static int Check(int result) => result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError());

    private int Control(int operation, int descriptor, uint events)
    {
        Span<byte> what = stackalloc byte[EventSize];
        BinaryPrimitives.WriteUInt32LittleEndian(what, events);
        BinaryPrimitives.WriteUInt64LittleEndian(what[DataOffset..], (ulong)descriptor);
        fixed (byte* start = what)
            return Libc.EpollControl(_epoll, operation, descriptor, start);
    }

    private void Run()
    {
        Span<byte> buffer = new byte[BufferSize];
        var events = stackalloc byte[EventsAtOnce * EventSize];
        while (true)
        {
            var count = Libc.EpollWait(_epoll, events, EventsAtOnce, -1);
            for (var i = 0; i < count; i++)
            {
                var happened = new ReadOnlySpan<byte>(events + (i * EventSize), EventSize);
                var descriptor = (int)BinaryPrimitives.ReadUInt64LittleEndian(happened[DataOffset..]);
                if (descriptor == _stop)
                    return;
                Tell(descriptor, BinaryPrimitives.ReadUInt32LittleEndian(happened), buffer);
            }
        }
    }

    private void Tell(int descriptor, uint events, Span<byte> buffer)
    {
        DirectConnection? connection;
        lock (_gate)
            connection = _connections[descriptor];
        if (connection is null)
            return;
        if ((events & Libc.Writable) != 0)
            connection.OnWritable(buffer);

        // Anything else, errors and hang-ups included, is learned by reading.
        if ((events & ~Libc.Writable) != 0)
            connection.OnReadable(buffer);
    }
}
