using SseScaling.Hosting;

namespace SseScaling.Api.Social;

/// <summary>The authors whose posts stand once, on their own topic, and are merged into their followers' streams. Whoever is one stays one.</summary>
/// <remarks>
/// Each has the position that its topic had when it became one: earlier posts reached the followers by their own topics, so a follower's stream that begins
/// there misses nothing and repeats nothing, however late its replica hears of it. The list is looked at every few seconds; whenever somebody is new on it, all streams'
/// plans are read anew. Any thread.
/// </remarks>
internal sealed class Celebrities(ISocialStore store, ISseSubscriber subscriber, ISseConnections connections, Supervision supervision) : SupervisedService(supervision)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    // Thousands of plans that are read anew at the same time share one reading.
    private static readonly TimeSpan Freshness = TimeSpan.FromMilliseconds(100);

    private readonly SemaphoreSlim _promoted = new(0);
    private readonly Lock _gate = new();
    private volatile IReadOnlyDictionary<string, string> _since = new Dictionary<string, string>();
    private Task _reading = Task.CompletedTask;
    private long _readAt;
    private bool _mustTell;

    /// <summary>Those whom this replica knows, with the positions from which on their topics count.</summary>
    public IReadOnlyDictionary<string, string> Since => _since;

    /// <summary>Makes an author a celebrity; nothing happens when it is one.</summary>
    /// <exception cref="SseUnavailableException">Redis is away.</exception>
    public async Task PromoteAsync(string author)
    {
        if (_since.ContainsKey(author))
            return;
        await store.AddCelebrityAsync(author, await LastIdAsync(author));
        await ReadAsync();
        _promoted.Release();
    }

    /// <summary>Where the posts begin that a new follower gets; null for an author who is none.</summary>
    /// <exception cref="SseUnavailableException">Redis is away.</exception>
    public async Task<string?> SinceNowAsync(string author) => _since.ContainsKey(author) ? await LastIdAsync(author) : null;

    /// <summary>Reads the list anew, unless that was done a moment ago.</summary>
    /// <exception cref="SseUnavailableException">Redis is away.</exception>
    public Task RefreshAsync()
    {
        lock (_gate)
        {
            if (_reading.IsCompleted && Environment.TickCount64 - _readAt >= (long)Freshness.TotalMilliseconds)
                _reading = ReadAsync();
            return _reading;
        }
    }

    public override void Dispose()
    {
        _promoted.Dispose();
        base.Dispose();
    }

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await ReadAsync();
            if (Volatile.Read(ref _mustTell))
            {
                Volatile.Write(ref _mustTell, false);
                await TellAsync(stoppingToken);
            }

            Worked(Interval);
            await _promoted.WaitAsync(Interval, stoppingToken);
        }
    }

    private async Task TellAsync(CancellationToken stoppingToken)
    {
        try
        {
            await connections.RefreshAsync(SseTarget.All, stoppingToken);
        }
        catch
        {
            Volatile.Write(ref _mustTell, true);
            throw;
        }
    }

    private async Task ReadAsync()
    {
        var read = await store.ReadCelebritiesAsync();
        if (read.Count != _since.Count)
            Volatile.Write(ref _mustTell, true);
        _since = read;
        Volatile.Write(ref _readAt, Environment.TickCount64);
    }

    private async Task<string> LastIdAsync(string author) => (await subscriber.GetLastIdsAsync([SocialTopics.OfAuthor(author)]))[0];
}
