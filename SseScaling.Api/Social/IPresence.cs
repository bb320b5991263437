using SseScaling.Topics;

namespace SseScaling.Api.Social;

/// <summary>Who is online in the cluster: has a stream open on a replica that is alive.</summary>
internal interface IPresence
{
    /// <summary>A user's open streams in the whole cluster; right within 10 s, also after the sudden end of a replica.</summary>
    /// <exception cref="SseUnavailableException">Redis is away.</exception>
    Task<int> StreamsOfAsync(string user);

    /// <summary>How many users are online; one with streams on several replicas counts once for each.</summary>
    /// <exception cref="SseUnavailableException">Redis is away.</exception>
    Task<int> CountUsersAsync();
}

/// <summary>The presence of one process without Redis.</summary>
internal sealed class LocalPresence(OpenStreams streams) : IPresence
{
    public Task<int> StreamsOfAsync(string user) => Task.FromResult(streams.CountOf(user));

    public Task<int> CountUsersAsync() => Task.FromResult(streams.Users.Count);
}
