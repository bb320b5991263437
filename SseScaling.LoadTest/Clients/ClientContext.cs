namespace SseScaling.LoadTest.Clients;

/// <summary>How a client behaves.</summary>
internal enum ClientBehavior
{
    /// <summary>Reads, stays, reconnects if it is disconnected.</summary>
    Steady,

    /// <summary>Reads, but drops its connection now and then and resumes with its last id.</summary>
    Dropping,

    /// <summary>Opens a stream and never reads from it.</summary>
    Slow,
}

/// <summary>What is the same for every client of one receive loop.</summary>
/// <param name="Loop">Moves the bytes.</param>
/// <param name="Counters">Takes the numbers.</param>
/// <param name="Timers">Wakes clients up.</param>
/// <param name="Run">This run's name in its events; empty to accept the events of any run.</param>
/// <param name="Randomness">Spreads drops over time.</param>
/// <param name="DropEvery">How long a dropping client stays on average.</param>
/// <param name="DropPause">How long a dropping client is away.</param>
internal sealed record ClientContext(
    SocketLoop Loop, ClientCounters Counters, ClientTimers Timers, byte[] Run, Random Randomness, TimeSpan DropEvery, TimeSpan DropPause)
{
    /// <summary>Only events due at or after this moment count for latency: before, the server is warming up.</summary>
    public long MeasureFrom { get; set; } = long.MaxValue;

    /// <summary>Events due after this moment do not count for latency.</summary>
    public long MeasureTo { get; set; } = long.MaxValue;

    /// <summary>Whether publishing has begun: a stream opened before must get every event from the first.</summary>
    public bool Publishing { get; set; }

    /// <summary>Whether clients drop their connections.</summary>
    public bool Dropping { get; set; } = true;

    /// <summary>Whether lost or dropped streams are opened again.</summary>
    public bool Reconnecting { get; set; } = true;
}
