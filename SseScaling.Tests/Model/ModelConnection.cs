using SseScaling.Connections;
using SseScaling.Protocol;

namespace SseScaling.Tests.Model;

/// <summary>A connection whose other end is the test: it takes all, half of a frame now and then, or nothing while it is stalled.</summary>
internal sealed class ModelConnection(ConnectionRegistry registry, string label, string? user = null) : Connection(registry, label, user)
{
    private const int MaxPieces = 4;

    private readonly Lock _wire = new();
    private readonly List<byte> _sent = [];
    private bool _isStalled;
    private bool _isParked;
    private bool _isClosed;
    private int _writes;

    public override Frame Preamble(string? id) => ControlFrames.Text(ControlFrames.Preamble(TimeSpan.FromSeconds(1), id));

    /// <summary>Takes what arrived since the last call.</summary>
    public byte[] Take()
    {
        lock (_wire)
        {
            var taken = _sent.ToArray();
            _sent.Clear();
            return taken;
        }
    }

    /// <summary>Stops reading, or reads on.</summary>
    public void Stall(bool stalled)
    {
        lock (_wire)
        {
            _isStalled = stalled;
            if (stalled || !_isParked)
                return;
            _isParked = false;
        }

        StartDraining();
    }

    protected override int TryWrite(ReadOnlySpan<byte> bytes)
    {
        lock (_wire)
        {
            var length = _isStalled ? 0 : _writes++ % 3 == 2 ? bytes.Length / 2 : bytes.Length;
            Append(bytes[..length]);
            return length;
        }
    }

    protected override void StartDraining() => ThreadPool.UnsafeQueueUserWorkItem(static self => self.Drain(), this, preferLocal: false);

    protected override void Close(bool graceful)
    {
        lock (_wire)
            _isClosed = true;
    }

    private void Drain()
    {
        var pieces = new List<ArraySegment<byte>>();
        int written;
        do
        {
            pieces.Clear();
            lock (_wire)
            {
                _isParked = _isStalled;
                if (_isStalled)
                    return;
            }

            if (!TakePieces(pieces, MaxPieces))
                return;
            written = pieces.Sum(piece => piece.Count);
            lock (_wire)
                pieces.ForEach(piece => Append(piece));
        }
        while (Wrote(written));
    }

    // What is sent to a closed connection does not reach the client.
    private void Append(ReadOnlySpan<byte> piece)
    {
        if (!_isClosed)
            _sent.AddRange(piece);
    }
}
