using System.Net.Sockets;
using SseScaling.LoadTest.Measure;

namespace SseScaling.LoadTest.Clients;

/// <summary>
/// The receive loop for Windows and macOS: .NET's sockets with a pending zero-byte receive per connection, so that an idle one holds no
/// buffer. Completions come on pool threads and take the gate one after the other.
/// </summary>
internal sealed class PortableLoop(int capacity) : SocketLoop
{
    private readonly Link?[] _links = new Link?[capacity];
    private readonly byte[] _buffer = new byte[256 << 10];

    public override void Connect(IConnection connection, Route route)
    {
        var link = new Link(this, connection, route);
        _links[connection.Slot] = link;
        link.Start();
    }

    public override bool Send(IConnection connection, ReadOnlySpan<byte> bytes) =>
        _links[connection.Slot] is { } link && link.Socket.Send(bytes, SocketFlags.None, out var error) == bytes.Length && error == SocketError.Success;

    public override void StopReading(IConnection connection)
    {
        if (_links[connection.Slot] is { } link) link.Reading = false;
    }

    public override void Close(IConnection connection, bool abort = false)
    {
        if (_links[connection.Slot] is not { } link) return;
        _links[connection.Slot] = null;
        if (abort) link.Socket.LingerState = new LingerOption(true, 0);
        link.Socket.Dispose();
    }

    // Everything happens in completions; the loop's thread only has its timers to keep.
    public override void Poll(TimeSpan longest) => _idle.Wait(longest);

    private readonly ManualResetEventSlim _idle = new();

    public override void Dispose()
    {
        lock (Gate)
        {
            foreach (var link in _links) link?.Socket.Dispose();
            Array.Clear(_links);
        }
        _idle.Dispose();
    }

    private sealed class Link : SocketAsyncEventArgs
    {
        private readonly PortableLoop _loop;
        private readonly IConnection _owner;
        private bool _connecting = true;

        public Link(PortableLoop loop, IConnection owner, Route route)
        {
            _loop = loop;
            _owner = owner;
            RemoteEndPoint = route.Target;
            Socket = new Socket(route.Target.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            if (route.ReceiveBuffer > 0) Socket.ReceiveBufferSize = route.ReceiveBuffer;
            if (route.Source is { } source) Socket.Bind(new System.Net.IPEndPoint(source, 0));
        }

        public Socket Socket { get; }

        public bool Reading { get; set; } = true;

        public void Start()
        {
            if (!Socket.ConnectAsync(this)) ThreadPool.UnsafeQueueUserWorkItem(static link => link.OnCompleted(link), this, preferLocal: false);
        }

        protected override void OnCompleted(SocketAsyncEventArgs e)
        {
            lock (_loop.Gate)
            {
                if (_loop._links[_owner.Slot] != this) return;
                if (SocketError != SocketError.Success) Fail(SocketError);
                else if (_connecting) FinishConnect();
                else Drain();
            }
        }

        private void FinishConnect()
        {
            _connecting = false;
            Socket.Blocking = false;
            SetBuffer(Memory<byte>.Empty);
            _owner.Connected();
            Drain();
        }

        private void Drain()
        {
            while (_loop._links[_owner.Slot] == this && Reading)
            {
                var count = Socket.Receive(_loop._buffer, SocketFlags.None, out var error);
                if (error == SocketError.WouldBlock)
                {
                    if (Socket.ReceiveAsync(this)) return;
                }
                else if (error != SocketError.Success) Fail(error);
                else if (count == 0) Fail(null);
                else
                {
                    _loop.ReceivedAt = Clock.Now;
                    _owner.Received(_loop._buffer.AsSpan(0, count));
                }
            }
        }

        private void Fail(SocketError? error)
        {
            _loop.Close(_owner);
            _owner.Closed(error is null ? null : new SocketException((int)error).Message);
        }
    }
}
