using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace SseScaling.Sockets;

/// <summary>
/// Waits for all sockets at once: for those that can be read or end, and for those that take more. One thread for every four cores. An idle socket costs a
/// place in a table, and a new one a single system call.
/// </summary>
/// <remarks>
/// Sockets are found by their descriptors, which the system gives out anew: an event of a closed one may reach its successor, to whom it is no more than an
/// unneeded look. A descriptor is used under its owner's lock only, and closed after <see cref="Forget"/>. What is waited for is told again as long as it lasts, so
/// that nothing is lost when the owner changes.
/// </remarks>
[SupportedOSPlatform("linux")]
internal sealed unsafe class SocketWatch : IDisposable
{
    private const int CoresPerThread = 4;

    private const int EventsAtOnce = 512;

    // What one send of a backlog takes: some frames of the largest size.
    private const int BufferSize = 256 << 10;

    // struct epoll_event (epoll_ctl(2)): u32 events, u64 data; packed on x64 and x86 only.
    private static readonly bool IsPacked = RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.X86;
    private static readonly int EventSize = IsPacked ? 12 : 16;
    private static readonly int DataOffset = IsPacked ? 4 : 8;

    private readonly Lock _gate = new();
    private readonly int[] _epolls;
    private readonly Thread[] _threads;
    private readonly int _stop;
    private Entry[] _entries = new Entry[1024];

    public SocketWatch()
    {
        _stop = Check(Libc.EventDescriptor(0, Libc.CloseOnExec));
        _epolls = new int[(Environment.ProcessorCount + CoresPerThread - 1) / CoresPerThread];
        _threads = new Thread[_epolls.Length];
        for (var i = 0; i < _threads.Length; i++)
        {
            var epoll = _epolls[i] = Check(Libc.EpollCreate(Libc.CloseOnExec));
            Check(Control(epoll, Libc.Add, _stop, Libc.Readable));
            _threads[i] = new Thread(() => Run(epoll)) { IsBackground = true, Name = $"socket watch {i}" };
            _threads[i].Start();
        }
    }

    /// <summary>Says who owns a descriptor and what it waits for from now on; under the owner's lock.</summary>
    /// <param name="descriptor">The open socket.</param>
    /// <param name="owner">Who is told.</param>
    /// <param name="events"><see cref="Libc.Readable"/>, <see cref="Libc.Writable"/>, both, or 0: nothing, failures included.</param>
    /// <returns>False when the system watches no more (fs.epoll.max_user_watches), which can be only where nothing was waited for before.</returns>
    public bool Expect(int descriptor, IWatchedSocket owner, uint events)
    {
        uint before;
        lock (_gate)
        {
            if (descriptor >= _entries.Length)
                Array.Resize(ref _entries, Math.Max(descriptor + 1, _entries.Length * 2));
            before = _entries[descriptor].Events;
            _entries[descriptor] = new Entry(owner, events);
        }

        if (before == events)
            return true;
        var operation = before == 0 ? Libc.Add : events == 0 ? Libc.Delete : Libc.Modify;
        return Control(_epolls[descriptor % _epolls.Length], operation, descriptor, events) == 0;
    }

    /// <summary>Forgets a descriptor that is about to be closed, which ends the watching.</summary>
    public void Forget(int descriptor)
    {
        lock (_gate)
        {
            if (descriptor < _entries.Length)
                _entries[descriptor] = default;
        }
    }

    public void Dispose()
    {
        // Nobody reads it: every thread sees it.
        var one = 1UL;
        Libc.Write(_stop, &one, sizeof(ulong));
        foreach (var thread in _threads)
            thread.Join();
        foreach (var epoll in _epolls)
            Libc.Close(epoll);
        Libc.Close(_stop);
    }

    private static int Check(int result) => result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError());

    private static int Control(int epoll, int operation, int descriptor, uint events)
    {
        Span<byte> what = stackalloc byte[EventSize];
        BinaryPrimitives.WriteUInt32LittleEndian(what, events);
        BinaryPrimitives.WriteUInt64LittleEndian(what[DataOffset..], (ulong)descriptor);
        fixed (byte* start = what)
            return Libc.EpollControl(epoll, operation, descriptor, start);
    }

    private void Run(int epoll)
    {
        Span<byte> buffer = new byte[BufferSize];
        var events = stackalloc byte[EventsAtOnce * EventSize];
        while (true)
        {
            var count = Libc.EpollWait(epoll, events, EventsAtOnce, -1);
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
        IWatchedSocket? owner;
        lock (_gate)
            owner = _entries[descriptor].Owner;
        if (owner is null)
            return;
        if ((events & (Libc.Writable | Libc.Failed | Libc.HungUp)) != 0)
            owner.OnWritable(buffer);

        // Errors and hang-ups are learned by reading, too.
        if ((events & ~Libc.Writable) != 0)
            owner.OnReadable(buffer);
    }

    private readonly record struct Entry(IWatchedSocket? Owner, uint Events);
}
