namespace SseScaling.Tests.Model;

/// <summary>What can happen to a hub. A step that makes no sense at its time (dropping a client that is not there) does nothing, so any part of a scenario is one.</summary>
internal enum Act
{
    /// <summary>Durable events on a topic.</summary>
    Publish,

    /// <summary>Events that nothing keeps.</summary>
    PublishPlain,

    /// <summary>A client opens its stream, with Last-Event-ID if it had one.</summary>
    Connect,

    /// <summary>A client's connection breaks.</summary>
    Drop,

    /// <summary>A client stops reading, or reads on.</summary>
    Stall,

    /// <summary>History is cut.</summary>
    Trim,

    /// <summary>Everything is gone, positions included.</summary>
    Flush,

    /// <summary>The backplane is killed and started again with its data; live messages may be lost.</summary>
    Restart,

    /// <summary>Live messages of a topic get lost without a word, or no longer.</summary>
    Deafen,

    /// <summary>Nothing can be read or published, or again.</summary>
    Outage,

    /// <summary>Reads answer late, with what was true when they were asked; or no longer.</summary>
    SlowReads,

    /// <summary>All that is broken is repaired, all clients connect, and everybody must get everything.</summary>
    Settle,
}

/// <summary>One step.</summary>
/// <param name="Act">What happens.</param>
/// <param name="Who">To which client or topic.</param>
/// <param name="Count">How often, or how many.</param>
internal sealed record ModelStep(Act Act, int Who, int Count)
{
    public override string ToString() => Act switch
    {
        Act.Publish or Act.PublishPlain => $"{Act} {Count} on topic {Who % World.Topics}",
        Act.Connect or Act.Drop or Act.Stall => $"{Act} client {Who % World.Clients}",
        Act.Trim => $"{Act} topic {Who % World.Topics} to {Count % 3}",
        Act.Deafen => $"{Act} topic {Who % World.Topics}",
        _ => Act.ToString(),
    };
}

/// <summary>What is tried; prints as one step per line.</summary>
internal sealed record Scenario(ModelStep[] Steps)
{
    /// <summary>Smaller ones that may fail as well: without one half, without one step, with fewer events.</summary>
    public IEnumerable<Scenario> Shrink()
    {
        if (Steps.Length > 3)
        {
            yield return new Scenario(Steps[..(Steps.Length / 2)]);
            yield return new Scenario(Steps[(Steps.Length / 2)..]);
        }

        for (var i = 0; i < Steps.Length; i++)
            yield return new Scenario([.. Steps[..i], .. Steps[(i + 1)..]]);
        for (var i = 0; i < Steps.Length; i++)
        {
            if (Steps[i] is { Act: Act.Publish, Count: > 1 } step)
                yield return new Scenario([.. Steps[..i], step with { Count = 1 }, .. Steps[(i + 1)..]]);
        }
    }

    public override string ToString() => string.Concat(Steps.Select(step => $"\n  {step}"));
}
