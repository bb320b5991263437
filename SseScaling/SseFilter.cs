namespace SseScaling;

/// <summary>
/// Which events of its topics a stream delivers, where their types alone do not say it. Override <see cref="object.Equals(object)"/> (or be a record): a
/// plan that is read anew with an equal filter is known to be unchanged.
/// </summary>
/// <remarks>Immutable. Any thread; called once for each event and stream, so it must return at once.</remarks>
public abstract class SseFilter
{
    /// <summary>Whether the stream delivers an event. One that is left out still counts as seen when the client resumes.</summary>
    /// <param name="e">The event; not to be kept.</param>
    public abstract bool Wants(SseEventView e);
}
