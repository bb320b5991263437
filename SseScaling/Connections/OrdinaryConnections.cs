using Microsoft.AspNetCore.Connections;

namespace SseScaling.Connections;

/// <summary>
/// The clients' connections that carry no stream, in the order of their coming. Idle ones, and those whose requests never end, would else keep everybody out once the
/// process is near its file limit. Any thread.
/// </summary>
internal sealed class OrdinaryConnections
{
    // Who accepts faster than connections close would run out of descriptors all the same.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly LinkedList<Ordinary> _byAge = new();

    /// <summary>Counts a connection until it ends, or carries a stream.</summary>
    public void Add(ConnectionContext connection)
    {
        var ordinary = new Ordinary(connection, this);
        lock (_gate)
            _byAge.AddLast(ordinary.Node);
        connection.Features.Set(ordinary);
        connection.ConnectionClosed.UnsafeRegister(static ordinary => ((Ordinary)ordinary!).Remove(), ordinary);
    }

    /// <summary>Ends the oldest one, and waits a moment until it is closed; false when there is none.</summary>
    public bool TryAbortOldest()
    {
        Ordinary oldest;
        lock (_gate)
        {
            if (_byAge.First is not { } first)
                return false;
            oldest = first.Value;
            _byAge.RemoveFirst();
        }

        oldest.Abort();
        return true;
    }

    /// <summary>One of them; a feature of the connection and of its requests.</summary>
    public sealed class Ordinary
    {
        private readonly ConnectionContext _connection;
        private readonly OrdinaryConnections _all;

        public Ordinary(ConnectionContext connection, OrdinaryConnections all)
        {
            (_connection, _all) = (connection, all);
            Node = new LinkedListNode<Ordinary>(this);
        }

        public LinkedListNode<Ordinary> Node { get; }

        /// <summary>It ended, or carries a stream from now on, whose place is counted elsewhere.</summary>
        public void Remove()
        {
            lock (_all._gate)
            {
                if (Node.List is not null)
                    _all._byAge.Remove(Node);
            }
        }

        public void Abort()
        {
            using var closed = new ManualResetEventSlim();
            using var registration = _connection.ConnectionClosed.UnsafeRegister(static closed => ((ManualResetEventSlim)closed!).Set(), closed);
            _connection.Abort(new ConnectionAbortedException("The process is near its file limit."));
            closed.Wait(Patience);
        }
    }
}
