using System.Globalization;
using System.Text;
using SseScaling.LoadTest.Measure;

namespace SseScaling.LoadTest.FanOut;

/// <summary>Which streams are open, and which followers have which post. Used under the loop's gate.</summary>
/// <param name="followers">How many there are.</param>
internal sealed class DeliveryTracker(int followers)
{
    private readonly Histogram _times = new();
    private readonly TaskCompletionSource _allOpen = NewSource();
    private TaskCompletionSource _everywhere = NewSource();
    private UsageException? _failure;
    private byte[] _post = [];
    private long _from;

    /// <summary>How many streams are open.</summary>
    public int Open { get; private set; }

    /// <summary>Completes when all streams are open; fails when one cannot be.</summary>
    public Task AllOpen => _allOpen.Task;

    /// <summary>How many followers have the post.</summary>
    public long Count => _times.Count;

    /// <summary>How many had it already.</summary>
    public int Repeated { get; private set; }

    /// <summary>Which post it is, counted from 1; 0 before the first.</summary>
    public int Number { get; private set; }

    /// <summary>A stream is open.</summary>
    public void Opened()
    {
        if (++Open == followers)
            _allOpen.TrySetResult();
    }

    /// <summary>A stream could not be opened or has ended. The first reason counts.</summary>
    public void Fail(string reason)
    {
        _failure ??= new UsageException($"A follower's stream failed: {reason}.");
        _allOpen.TrySetException(_failure);
        _everywhere.TrySetException(_failure);
    }

    /// <summary>Waits for the next post from now on.</summary>
    /// <param name="postId">Its id.</param>
    /// <returns>Completes when every follower has it; fails when a stream does.</returns>
    public Task Expect(string postId)
    {
        _post = Encoding.ASCII.GetBytes($"\"{postId}\"");
        _times.Clear();
        Repeated = 0;
        Number++;
        _everywhere = NewSource();
        if (_failure is not null)
            _everywhere.SetException(_failure);
        _from = Clock.Now;
        return _everywhere.Task;
    }

    /// <summary>An event came.</summary>
    /// <param name="data">Its data.</param>
    /// <param name="at">When it was received (<see cref="Clock.Now"/>).</param>
    /// <param name="last">The number of the last post that its follower had; becomes this one's.</param>
    public void Received(ReadOnlySpan<byte> data, long at, ref int last)
    {
        if (Number == 0 || data.IndexOf(_post) < 0)
            return;
        if (last == Number)
        {
            Repeated++;
            return;
        }

        last = Number;
        _times.Record(at - _from);
        if (Count == followers)
            _everywhere.TrySetResult();
    }

    /// <summary>Milliseconds since <see cref="Expect"/>.</summary>
    public double Elapsed => Clock.Seconds(_from, Clock.Now) * 1000;

    /// <summary>Milliseconds to the last follower that has the post; 0 without one.</summary>
    public double Last => _times.Max / 1e6;

    /// <summary>Milliseconds to the first follower, to half of them, to 99 %, to the last.</summary>
    public string Describe() => string.Create(
        CultureInfo.InvariantCulture, $"{_times.Min / 1e6,8:0.0} {_times.Percentile(50) / 1e6,8:0.0} {_times.Percentile(99) / 1e6,8:0.0} {Last,8:0.0}");

    // Whoever waits must not go on under the loop's gate.
    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
