namespace SseScaling.Hosting;

/// <summary>What the supervised services of a process share: clock, log, patience, and whether an outage excuses them. Any thread.</summary>
/// <param name="time">Measures delays and pauses.</param>
/// <param name="logs">Each service logs under its own type.</param>
public sealed class Supervision(TimeProvider time, ILoggerFactory logs)
{
    private long _outageEndedAt = long.MinValue;
    private volatile bool _isOutage;

    /// <summary>How late a service may be with its work before it counts as failed. Default 10 s: five times what one call of Redis may take.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);

    internal TimeProvider Time => time;

    internal ILogger LogOf(SupervisedService service) => logs.CreateLogger(service.GetType());

    /// <summary>Told by whoever watches what the others depend on, and says itself that it is away: until it is back nobody is late.</summary>
    internal void OutageBegan() => _isOutage = true;

    /// <summary>From now on the others have their patience to be back at work.</summary>
    internal void OutageEnded()
    {
        Volatile.Write(ref _outageEndedAt, time.GetTimestamp());
        _isOutage = false;
    }

    /// <summary>Whether work that was due at a timestamp is later than an outage explains and patience allows.</summary>
    internal bool IsLate(long dueAt) =>
        !_isOutage && dueAt != long.MaxValue && time.GetElapsedTime(Math.Max(dueAt, Volatile.Read(ref _outageEndedAt))) > Patience;
}
