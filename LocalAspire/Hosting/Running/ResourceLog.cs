using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace LocalAspire;

internal readonly record struct ResourceLogEntry(int Number, DateTime Time, string Text, bool IsError)
{
    public LogLine ToLine() => new(Number, string.Create(CultureInfo.InvariantCulture, $"{Time:yyyy-MM-ddTHH:mm:ss.fffffffZ} {Text}"), IsError);
}

/// <summary>The output of one instance: the last <see cref="Capacity"/> lines, and whoever follows it.</summary>
internal sealed class ResourceLog(Action<ResourceLogEntry> written)
{
    public const int Capacity = 10_000;

    private readonly Lock _gate = new();
    private readonly Queue<ResourceLogEntry> _entries = new();
    private readonly List<ChannelWriter<ResourceLogEntry>> _watchers = [];
    private int _lastNumber;

    public void Write(string text, bool isError)
    {
        lock (_gate)
        {
            var entry = new ResourceLogEntry(++_lastNumber, TimeProvider.System.GetUtcNow().UtcDateTime, text, isError);
            if (_entries.Count == Capacity)
                _entries.Dequeue();
            _entries.Enqueue(entry);
            foreach (var watcher in _watchers)
                watcher.TryWrite(entry);
            written(entry);
        }
    }

    public ResourceLogEntry[] Snapshot()
    {
        lock (_gate)
            return [.. _entries];
    }

    /// <summary>Yields what is there, then what comes. Who reads too slowly loses the oldest lines, as the log itself does.</summary>
    public async IAsyncEnumerable<IReadOnlyList<ResourceLogEntry>> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var changes = Channel.CreateBounded<ResourceLogEntry>(new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest });
        ResourceLogEntry[] backlog;
        lock (_gate)
        {
            backlog = [.. _entries];
            _watchers.Add(changes.Writer);
        }

        try
        {
            if (backlog.Length > 0)
                yield return backlog;
            while (await changes.Reader.WaitToReadAsync(cancellationToken))
            {
                var batch = new List<ResourceLogEntry>();
                while (changes.Reader.TryRead(out var entry))
                    batch.Add(entry);
                yield return batch;
            }
        }
        finally
        {
            lock (_gate)
                _watchers.Remove(changes.Writer);
        }
    }
}

/// <summary>Writes log messages as lines of output.</summary>
internal sealed class ResourceLogger(Action<string, bool> write) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var text = exception is null ? formatter(state, exception) : $"{formatter(state, exception)} {exception.Message}";
        write(text, logLevel >= LogLevel.Error);
    }
}
