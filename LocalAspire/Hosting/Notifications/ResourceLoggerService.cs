using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using LocalAspire;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Keeps the output of every instance, the last 10,000 lines of each. May be used from any thread.</summary>
public class ResourceLoggerService
{
    private readonly ConcurrentDictionary<string, ResourceLog> _logs = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Called for each new line, in order of one instance. Set before anything starts.</summary>
    internal Action<string, ResourceLogEntry>? Written { get; set; }

    /// <summary>A logger that writes to the output of all instances of a resource.</summary>
    /// <param name="resource">The resource.</param>
    public ILogger GetLogger(IResource resource) => new ResourceLogger((text, isError) =>
    {
        foreach (var id in resource.GetInstanceIds())
            Log(id).Write(text, isError);
    });

    /// <summary>A logger that writes to the output of one instance.</summary>
    /// <param name="resourceName">The id of the instance.</param>
    public ILogger GetLogger(string resourceName) => new ResourceLogger(Log(resourceName).Write);

    /// <summary>Yields what was written, then what is being written; <c>WithCancellation</c> ends it.</summary>
    /// <param name="resourceName">The id of the instance.</param>
    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(string resourceName) => LinesAsync(Log(resourceName));

    /// <summary>Yields what was written until now.</summary>
    /// <param name="resourceName">The id of the instance.</param>
    public async IAsyncEnumerable<IReadOnlyList<LogLine>> GetAllAsync(string resourceName)
    {
        await Task.CompletedTask;
        yield return [.. Log(resourceName).Snapshot().Select(entry => entry.ToLine())];
    }

    internal ResourceLog Log(string id) => _logs.GetOrAdd(id, key => new ResourceLog(entry => Written?.Invoke(key, entry)));

    private static async IAsyncEnumerable<IReadOnlyList<LogLine>> LinesAsync(ResourceLog log, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var entries in log.WatchAsync(cancellationToken))
            yield return [.. entries.Select(entry => entry.ToLine())];
    }
}

/// <summary>A line of output.</summary>
/// <param name="LineNumber">Its number, from 1.</param>
/// <param name="Content">A time stamp in UTC, a space, and the text.</param>
/// <param name="IsErrorMessage">True: from the error stream.</param>
public readonly record struct LogLine(int LineNumber, string Content, bool IsErrorMessage);
