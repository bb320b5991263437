using SseScaling.Cluster;
using SseScaling.Hosting;
using SseScaling.Redis;
using SseScaling.Topics;
using StackExchange.Redis;

namespace SseScaling.Api.Social;

/// <summary>
/// Each user's streams by replica, in a hash that expires. A replica writes only what changed, and everything anew before it expires; that a
/// replica is dead is known from the directory of replicas, so its users are offline with it, and nobody renews 10,000 users every few seconds.
/// </summary>
internal sealed class RedisPresence(RedisLink link, OpenStreams streams, ReplicaDirectory replicas, ReplicaFigures figures, Supervision supervision)
    : SupervisedService(supervision), IPresence
{
    private const int UsersPerTurn = 500;

    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Renewal = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Expiry = Renewal * 3;

    private readonly Lock _gate = new();
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);
    private readonly string _member = NameOf(figures.Report());
    private long _renewedAt = Environment.TickCount64;

    public async Task<int> StreamsOfAsync(string user)
    {
        var counts = await link.AskAsync(database => database.HashGetAllAsync(SocialKeys.Presence(user)));
        var live = LiveMembers();
        return counts.Where(entry => live.Contains(entry.Name.ToString())).Sum(entry => (int)entry.Value);
    }

    public async Task<int> CountUsersAsync()
    {
        var counts = await link.AskAsync(database => database.HashGetAllAsync(SocialKeys.PresenceCounts));
        var live = LiveMembers();
        return counts.Where(entry => live.Contains(entry.Name.ToString())).Sum(entry => (int)entry.Value);
    }

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        streams.CountChanged += Changed;
        return base.StartAsync(cancellationToken);
    }

    // When it stops, the directory drops this replica, and with it all that it wrote.
    protected override Task RunAsync(CancellationToken stoppingToken) => RepeatAsync(Turn, WriteAsync, stoppingToken);

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

    private async Task WriteAsync(CancellationToken stopping)
    {
        if (Environment.TickCount64 - _renewedAt >= (long)Renewal.TotalMilliseconds)
        {
            _renewedAt = Environment.TickCount64;
            foreach (var user in streams.Users)
                Changed(user);
        }

        while (TakeChanges() is { Length: > 0 } users)
        {
            try
            {
                await link.AskAsync(
                    database => Task.WhenAll(users.SelectMany(user => Write(database, user))
                        .Append(database.HashSetAsync(SocialKeys.PresenceCounts, _member, streams.Users.Count))),
                    stopping);
            }
            catch
            {
                foreach (var user in users)
                    Changed(user);
                throw;
            }
        }
    }

    private IEnumerable<Task> Write(IDatabase database, string user)
    {
        var key = SocialKeys.Presence(user);
        var count = streams.CountOf(user);
        if (count == 0)
            return [database.HashDeleteAsync(key, _member)];
        return [database.HashSetAsync(key, _member, count), database.KeyExpireAsync(key, Expiry)];
    }
}
