namespace SseScaling.Connections;

/// <summary>
/// What keeps the time for all connections' heartbeats, lifetimes and time-outs: a ring of one-second slots, each a list of the connections to look at
/// then. A connection stands in one slot; being written to costs nothing, since whoever is looked at too early is just put further on.
/// </summary>
/// <param name="look">Looks at a connection and returns after how many milliseconds it wants to be looked at again; 0 or less: never.</param>
internal sealed class TimingWheel(Func<Connection, long> look)
{
    /// <summary>What a slot stands for.</summary>
    public static readonly TimeSpan SlotTime = TimeSpan.FromSeconds(1);

    private const int Slots = 256;

    private readonly Lock _gate = new();
    private readonly List<Connection>[] _slots = [.. Enumerable.Range(0, Slots).Select(_ => new List<Connection>())];
    private int _now;

    /// <summary>Looks at the connection after a delay, which is rounded up to a second and cut at the ring's length of about four minutes.</summary>
    public void Add(Connection connection, long milliseconds)
    {
        var slots = (int)Math.Clamp(Math.Ceiling(milliseconds / SlotTime.TotalMilliseconds), 1, Slots - 1);
        lock (_gate)
            _slots[(_now + slots) % Slots].Add(connection);
    }

    /// <summary>Looks at the next slot's connections; to be called every <see cref="SlotTime"/>, by one caller.</summary>
    public void Turn()
    {
        List<Connection> due;
        lock (_gate)
        {
            _now = (_now + 1) % Slots;
            due = _slots[_now];
            _slots[_now] = [];
        }

        for (var i = 0; i < due.Count; i++)
        {
            try
            {
                if (look(due[i]) is > 0 and var next)
                    Add(due[i], next);
            }
            catch
            {
                // The others are not forgotten for one.
                foreach (var unseen in due.Skip(i + 1).Append(due[i]))
                    Add(unseen, 1);
                throw;
            }
        }
    }
}
