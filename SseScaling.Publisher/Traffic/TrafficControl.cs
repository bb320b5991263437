namespace SseScaling.Publisher.Traffic;

/// <summary>What is to be published at the moment.</summary>
/// <param name="Scenario">The profile.</param>
/// <param name="Rate">Events per second, before the profile's factor; 0 pauses.</param>
/// <param name="StartedAt">Time stamp (<see cref="TimeProvider.GetTimestamp"/>) at which the profile began.</param>
public sealed record TrafficPlan(Scenario Scenario, double Rate, long StartedAt);

/// <summary>Holds the plan, which may be changed while the publisher runs. Thread-safe.</summary>
public sealed class TrafficControl
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private volatile TrafficPlan _plan;

    /// <summary>Starts with the options' scenario and rate.</summary>
    public TrafficControl(PublisherOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        _time = time;
        _plan = new TrafficPlan(options.Profile, options.EventsPerSecond, time.GetTimestamp());
    }

    /// <summary>The plan of this moment.</summary>
    public TrafficPlan Plan => _plan;

    /// <summary>The rate of this moment: the plan's, times its profile's factor, in events per second.</summary>
    public double TargetRate => RateOf(_plan);

    /// <summary>Changes the plan from the next tick on. Naming the scenario, even the same one, starts it anew.</summary>
    /// <param name="scenario">The new profile; null keeps the present one.</param>
    /// <param name="rate">The new rate in events per second, checked by the caller; null keeps the present one.</param>
    public TrafficPlan Change(Scenario? scenario, double? rate)
    {
        lock (_gate)
        {
            var plan = _plan;
            if (scenario is not null)
                plan = plan with { Scenario = scenario, StartedAt = _time.GetTimestamp() };
            return _plan = plan with { Rate = rate ?? plan.Rate };
        }
    }

    /// <summary>The rate of a plan at this moment, in events per second.</summary>
    internal double RateOf(TrafficPlan plan) => plan.Rate * plan.Scenario.Factor(_time.GetElapsedTime(plan.StartedAt).TotalSeconds);
}
