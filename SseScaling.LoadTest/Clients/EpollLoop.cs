using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using SseScaling.LoadTest.Measure;

namespace SseScaling.LoadTest.Clients;

/// <summary>
/// The receive loop for Linux: one epoll set, one shared receive buffer, one recv() per readable connection and round. An idle connection
/// costs its socket and a few bytes here; an event costs one system call and a share of epoll_wait.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class EpollLoop : SocketLoop
{
    private const int EventsAtOnce = 512;
    private const int BufferSize = 256 << 10;

    // struct epoll_event is packed on x64 and x86 only.
    private static readonly bool Packed = RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.X86;
    private static readonly int EventSize = Packed ? 12 : 16;
    private static readonly int DataOffset = Packed ? 4 : 8;

    private readonly int _epoll;
    private readonly (int Descriptor, uint Generation, bool Connecting, IConnection? Owner)[] _slots;
    private readonly byte* _buffer = (byte*)NativeMemory.Alloc(BufferSize);
    private readonly byte* _events = (byte*)NativeMemory.Alloc((nuint)(EventsAtOnce * EventSize));

    public EpollLoop(int capacity)
    {
        _slots = new (int, uint, bool, IConnection?)[capacity];
        Array.Fill(_slots, (-1, 0u, false, null));
        _epoll = Libc.EpollCreate(0x80000);
        if (_epoll < 0) throw new InvalidOperationException($"The system gives no epoll set: {LastError()}.");
    }

    public override void Connect(IConnection connection, Route route)
    {
        ref var slot = ref _slots[connection.Slot];
        var descriptor = Libc.Socket(route.Target.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? 10 : 2, Libc.SocketFlags, 0);
        if (descriptor < 0) { connection.Closed(LastError()); return; }
        slot = (descriptor, slot.Generation + 1, true, connection);
        Option(descriptor, Libc.LevelTcp, Libc.NoDelay, 1);
        if (route.ReceiveBuffer > 0) Option(descriptor, Libc.LevelSocket, Libc.ReceiveBuffer, route.ReceiveBuffer);
        if (!Bind(descriptor, route.Source) || !StartConnect(descriptor, route.Target)) Fail(connection, LastError());
        else if (!Watch(connection.Slot, Libc.Add, Libc.Readable | Libc.Writable)) Fail(connection, LastError());
    }

    public override bool Send(IConnection connection, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            return Libc.Send(_slots[connection.Slot].Descriptor, start, (nuint)bytes.Length, Libc.NoSignal) == bytes.Length;
        }
    }

    public override void StopReading(IConnection connection) => Watch(connection.Slot, Libc.Modify, 0);

    public override void Close(IConnection connection, bool abort = false)
    {
        ref var slot = ref _slots[connection.Slot];
        if (slot.Descriptor < 0) return;
        if (abort) Option(slot.Descriptor, Libc.LevelSocket, Libc.Linger, 1);
        Libc.Close(slot.Descriptor);
        slot = (-1, slot.Generation, false, null);
    }

    public override void Poll(TimeSpan longest)
    {
        var count = Libc.EpollWait(_epoll, _events, EventsAtOnce, (int)Math.Clamp(Math.Ceiling(longest.TotalMilliseconds), 0, 1000));
        if (count <= 0) return;
        lock (Gate)
        {
            for (var i = 0; i < count; i++) Dispatch(_events + i * EventSize);
        }
    }

    public override void Dispose()
    {
        foreach (var slot in _slots.Where(slot => slot.Descriptor >= 0)) Libc.Close(slot.Descriptor);
        Libc.Close(_epoll);
        NativeMemory.Free(_buffer);
        NativeMemory.Free(_events);
    }

    private void Dispatch(byte* happened)
    {
        var data = BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(happened + DataOffset, 8));
        ref var slot = ref _slots[(int)(uint)data];
        // An earlier event of this round may have closed the connection, or opened the slot's next one.
        if (slot.Owner is not { } owner || slot.Generation != (uint)(data >> 32)) return;
        if (slot.Connecting) FinishConnect(owner, ref slot);
        else Receive(owner, slot.Descriptor);
    }

    private void FinishConnect(IConnection owner, ref (int Descriptor, uint Generation, bool Connecting, IConnection? Owner) slot)
    {
        var error = 0;
        var length = (uint)sizeof(int);
        Libc.GetOption(slot.Descriptor, Libc.LevelSocket, Libc.SocketError, &error, &length);
        if (error != 0) { Fail(owner, Marshal.GetPInvokeErrorMessage(error)); return; }
        slot.Connecting = false;
        Watch(owner.Slot, Libc.Modify, Libc.Readable);
        owner.Connected();
    }

    private void Receive(IConnection owner, int descriptor)
    {
        var count = Libc.Receive(descriptor, _buffer, BufferSize, 0);
        if (count > 0)
        {
            ReceivedAt = Clock.Now;
            owner.Received(new ReadOnlySpan<byte>(_buffer, (int)count));
        }
        else if (count == 0) Fail(owner, null);
        else if (Marshal.GetLastPInvokeError() is not (Libc.WouldBlock or Libc.Interrupted)) Fail(owner, LastError());
    }

    private void Fail(IConnection connection, string? reason)
    {
        Close(connection);
        connection.Closed(reason);
    }

    private bool Watch(int slot, int operation, uint what)
    {
        var data = stackalloc byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(new Span<byte>(data, 4), what);
        BinaryPrimitives.WriteUInt64LittleEndian(new Span<byte>(data + DataOffset, 8), ((ulong)_slots[slot].Generation << 32) | (uint)slot);
        return Libc.EpollControl(_epoll, operation, _slots[slot].Descriptor, data) == 0;
    }

    private static bool StartConnect(int descriptor, IPEndPoint target)
    {
        var address = target.Serialize();
        fixed (byte* start = address.Buffer.Span)
        {
            return Libc.Connect(descriptor, start, (uint)address.Size) == 0 || Marshal.GetLastPInvokeError() == Libc.InProgress;
        }
    }

    private static bool Bind(int descriptor, IPAddress? source)
    {
        if (source is null) return true;
        // Without this a port would be reserved at once, for all targets, instead of one per source and target.
        Option(descriptor, Libc.LevelIp, Libc.BindAddressNoPort, 1);
        var address = new IPEndPoint(source, 0).Serialize();
        fixed (byte* start = address.Buffer.Span) return Libc.Bind(descriptor, start, (uint)address.Size) == 0;
    }

    private static void Option(int descriptor, int level, int name, int value)
    {
        // SO_LINGER takes two numbers: on, and zero seconds; for the others only the first counts.
        var values = stackalloc int[2] { value, 0 };
        Libc.SetOption(descriptor, level, name, values, name == Libc.Linger && level == Libc.LevelSocket ? 8u : 4u);
    }

    private static string LastError() => Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError());
}
