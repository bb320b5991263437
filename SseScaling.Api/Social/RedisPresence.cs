using Microsoft.Extensions.Options;
using SseScaling.Api.Cluster;
using SseScaling.Api.Telemetry;
using SseScaling.Messaging;
using StackExchange.Redis;

namespace SseScaling.Api.Social;

/// <summary>
/// Each user's streams by replica, in a hash that expires. A replica writes only what changed, and everything anew before it expires; that a
/// replica is dead is known from the directory of replicas, so its users are offline with it, and nobody renews 10,000 users every few seconds.
/// </summary>
internal sealed class RedisPresence(RedisLink link, UserStreams streams, ReplicaDirectory replicas, ReplicaFigures figures, IOptions<MessagingOptions> options)
    : BackgroundService, IPresence
{
    private const int UsersPerTurn = 500;

    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Renewal = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Expiry = Renewal * 3;

    private readonly TimeSpan _timeout = options.Value.Timeout;
    private readonly Lock _gate = new();
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);
    private readonly string _member = NameOf(figures.Report());

    public async Task<int> StreamsOfAsync(string user)
    {
        var counts = await AskAsync(database => database.HashGetAllAsync(RedisNames.Presence(user)));
        var live = LiveMembers();
        return counts.Where(entry => live.Contains(entry.Name.ToString())).Sum(entry => (int)entry.Value);
    }

    public async Task<int> CountUsersAsync()
    {
        var counts = await AskAsync(database => database.HashGetAllAsync(RedisNames.PresenceCounts));
        var live = LiveMembers();
        return counts.Where(entry => live.Contains(entry.Name.ToString())).Sum(entry => (int)entry.Value);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        streams.CountChanged += Changed;
        using var timer = new PeriodicTimer(Turn);
        var renewed = Environment.TickCount64;
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (Environment.TickCount64 - renewed >= (long)Renewal.TotalMilliseconds)
                {
                    renewed = Environment.TickCount64;
                    foreach (var user in streams.Users)
                        Changed(user);
                }

                await WriteChangesAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The directory drops this replica, and with it all that it wrote.
        }
        finally
        {
            streams.CountChanged -= Changed;
        }
    }

    // Two processes may have one name, one after the other: the time of their start tells them apart.
    private static string NameOf(ReplicaReport report) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{report.Instance}@{report.StartedMs}");

    private HashSet<string> LiveMembers() => [.. replicas.Live.Select(NameOf)];

    private void Changed(string user)
    {
        lock (_gate)
            _changed.Add(user);
    }

    private string[] TakeChanges()
    {
        lock (_gate)
        {
            var taken = _changed.Take(UsersPerTurn).ToArray();
            _changed.ExceptWith(taken);
            return taken;
        }
    }

    private async Task WriteChangesAsync()
    {
        while (TakeChanges() is { Length: > 0 } users)
        {
            try
            {
                await AskAsync(async database =>
                {
                    await Task.WhenAll(users.SelectMany(user => Write(database, user))
                        .Append(database.HashSetAsync(RedisNames.PresenceCounts, _member, streams.Users.Count)));
                    return true;
                });
            }
            catch (MessagingUnavailableException)
            {
                foreach (var user in users)
                    Changed(user);
                return;
            }
        }
    }

    private IEnumerable<Task> Write(IDatabase database, string user)
    {
        var key = RedisNames.Presence(user);
        var count = streams.CountOf(user);
        if (count == 0)
            return [database.HashDeleteAsync(key, _member)];
        return [database.HashSetAsync(key, _member, count), database.KeyExpireAsync(key, Expiry)];
    }

    private async Task<T> AskAsync<T>(Func<IDatabase, Task<T>> ask)
    {
        try
        {
            return await ask(link.Database).WaitAsync(_timeout);
        }
        catch (Exception exception) when (RedisFaults.IsFault(exception))
        {
            throw RedisFaults.Unavailable(exception);
        }
    }
}
