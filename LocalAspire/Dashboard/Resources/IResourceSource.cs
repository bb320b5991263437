namespace LocalAspire.Dashboard.Resources;

/// <summary>What the dashboard asks its host. All members may be called from any thread.</summary>
internal interface IResourceSource
{
    /// <summary>Every instance as it is now.</summary>
    IReadOnlyList<Instance> Current { get; }

    /// <summary>Yields every instance, then each change in order, until the token ends it.</summary>
    IAsyncEnumerable<Instance> WatchAsync(CancellationToken cancellationToken);

    /// <summary>Yields the kept output of an instance that exists, then what comes. A slow reader loses lines, which their numbers tell.</summary>
    IAsyncEnumerable<IReadOnlyList<ConsoleLine>> WatchConsoleAsync(string instanceId, CancellationToken cancellationToken);

    /// <summary>The kept output of an instance that exists.</summary>
    IReadOnlyList<ConsoleLine> Console(string instanceId);

    /// <summary>Calls a command for an instance.</summary>
    /// <returns>Null when it was done, else a sentence that says why not.</returns>
    Task<string?> ExecuteAsync(string instanceId, string command, CancellationToken cancellationToken);
}

/// <summary>A line of output; numbers count from 1 without gaps.</summary>
internal readonly record struct ConsoleLine(int Number, DateTime Time, string Text, bool IsError);
