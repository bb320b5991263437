namespace SseScaling.Api.Delivery;

/// <summary>
/// One timer for all connections' heartbeats, lifetimes and time-outs: a ring of one-second slots, each a list of the connections to look at
/// then. A connection stands in one slot; being written to costs nothing, since whoever is looked at too early is just put further on.
/// </summary>
/// <param name="look">Looks at a connection and returns after how many milliseconds it wants to be looked at again; 0 or less: never.</param>
internal sealed class TimingWheel(Func<Connection, long> look)
{
    private const int SlotMilliseconds = 1000;
    private const int Slots = 256;

    private readonly Lock _gate = new();
    private readonly List<Connection>[] _slots = [.. Enumerable.Range(0, Slots).Select(_ => new List<Connection>())];
    private int _now;

    /// <summary>Looks at the connection after a delay, which is rounded up to a second and cut at the ring's length of about four minutes.</summary>
    public void Add(Connection connection, long milliseconds)
    {
        var slots = (int)Math.Clamp((milliseconds + SlotMilliseconds - 1) / SlotMilliseconds, 1, Slots - 1);
        lock (_gate)
            _slots[(_now + slots) % Slots].Add(connection);
    }

    /// <summary>Turns the wheel until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(SlotMilliseconds));
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
                Turn();
        }
        catch (OperationCanceledException)
        {
            // The process stops.
        }
    }

    private void Turn()
    {
        List<Connection> due;
        lock (_gate)
        {
            _now = (_now + 1) % Slots;
            due = _slots[_now];
            _slots[_now] = [];
        }

        foreach (var connection in due)
        {
            if (look(connection) is > 0 and var next)
                Add(connection, next);
        }
    }
}
