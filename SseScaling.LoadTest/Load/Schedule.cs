using SseScaling.LoadTest.Clients;
using SseScaling.LoadTest.Measure;

namespace SseScaling.LoadTest.Load;

/// <summary>
/// The open-loop schedule: event k is due at start + k / rate, whatever the server does, and goes to the topics in turn. Since
/// latency counts from the due time, a server that stalls cannot hide it by being asked less (coordinated omission).
/// </summary>
internal sealed class Schedule : IDisposable
{
    private const long LongestSleep = 20_000_000;

    private readonly IReadOnlyList<TopicLedger> _topics;
    private readonly IReadOnlyList<LoadPublisher> _publishers;
    private readonly double _interval;
    private readonly Thread _thread;
    private readonly Lock _gate = new();
    private volatile bool _stopped;

    /// <summary>A schedule that has not begun.</summary>
    /// <param name="topics">Where events go, in turn.</param>
    /// <param name="publishers">Who sends them: a topic always goes through the same publisher.</param>
    /// <param name="rate">Events per second over all topics; above 0.</param>
    public Schedule(IReadOnlyList<TopicLedger> topics, IReadOnlyList<LoadPublisher> publishers, double rate)
    {
        (_topics, _publishers, _interval) = (topics, publishers, 1e9 / rate);
        _thread = new Thread(Run) { IsBackground = true, Name = "schedule", Priority = ThreadPriority.AboveNormal };
    }

    /// <summary>Due time to the moment at which this tool got to it: its own lateness. Read it with <see cref="TakeLateness"/>.</summary>
    private readonly Histogram _lateness = new();

    /// <summary>How many events have come due.</summary>
    public long Scheduled => Volatile.Read(ref _scheduled);

    private long _scheduled;

    /// <summary>Whether every publisher has sent everything and has its answers.</summary>
    public bool IsIdle => _publishers.All(publisher => publisher.IsIdle);

    /// <summary>Begins now.</summary>
    public void Start()
    {
        foreach (var publisher in _publishers) publisher.Start();
        _thread.Start();
    }

    /// <summary>No more events come due; what was scheduled is still sent. Returns when the thread has ended.</summary>
    public void Stop()
    {
        _stopped = true;
        if (_thread.IsAlive) _thread.Join();
    }

    /// <summary>The publishers' numbers, added up.</summary>
    public PublishCounters Total()
    {
        var total = new PublishCounters();
        foreach (var publisher in _publishers)
        {
            lock (publisher.Gate) publisher.Counters.AddTo(total);
        }
        return total;
    }

    /// <summary>Adds this tool's own lateness to <paramref name="target"/>.</summary>
    public void TakeLateness(Histogram target)
    {
        lock (_gate) target.Add(_lateness);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Stop();
        foreach (var publisher in _publishers) publisher.Dispose();
    }

    private void Run()
    {
        var start = Clock.Now;
        var unixStart = Clock.UnixMicroseconds;
        for (long next = 0; !_stopped;)
        {
            var now = Clock.Now;
            var first = next;
            for (; start + (long)(next * _interval) is var due && due <= now; next++) Offer(next, due, now, unixStart + (due - start) / 1000);
            if (next == first)
            {
                Sleep(Math.Min(LongestSleep, start + (long)(next * _interval) - now));
                continue;
            }
            foreach (var publisher in _publishers) publisher.Flush();
            Volatile.Write(ref _scheduled, next);
        }
    }

    private void Offer(long number, long due, long now, long unix)
    {
        var index = (int)(number % _topics.Count);
        var topic = _topics[index];
        _publishers[index % _publishers.Count].Offer(new Scheduled(topic, topic.Next(), due, unix));
        lock (_gate) _lateness.Record(now - due);
    }

    private static void Sleep(long nanoseconds)
    {
        if (OperatingSystem.IsLinux()) Libc.Sleep(nanoseconds);
        else Idle.Wait(TimeSpan.FromMilliseconds(Math.Max(1, nanoseconds / 1_000_000)));
    }

    private static readonly ManualResetEventSlim Idle = new();
}
