using Microsoft.Extensions.Options;
using SseScaling.Connections;

namespace SseScaling.Cluster;

/// <summary>
/// Bounds the streams of one user in the whole cluster. Where the oldest gives way, a stream begins at once and the register is asked
/// beside it; where the newest is refused, the answer waits for the register. While that is away nobody is refused.
/// </summary>
internal sealed class UserLimit(IUserStreams streams, ConnectionRegistry connections, ReplicaName name, IOptions<SseOptions> options)
{
    private readonly int _limit = options.Value.MaxStreamsPerUser;

    /// <summary>Whether the answer to a new stream of a user depends on the register.</summary>
    public bool MustAsk => _limit > 0 && options.Value.UserLimit == SseUserLimitPolicy.RefuseNewest;

    /// <summary>Enters a stream before its answer; false when it is refused.</summary>
    public async Task<bool> TryEnterAsync(Connection connection, CancellationToken cancellationToken)
    {
        if (_limit == 0 || connection.User is not { } user)
            return true;
        try
        {
            var evict = options.Value.UserLimit == SseUserLimitPolicy.EndOldest;
            if (await streams.EnterAsync(user, NameOf(connection), _limit, evict, cancellationToken) is not { } ended)
                return false;
            foreach (var stream in ended)
                await EndAsync(stream);
        }
        catch (SseUnavailableException)
        {
            return true;
        }

        // It may have ended before it was entered: then nobody else removes it.
        if (connection.IsEnded)
            Leave(connection);
        return true;
    }

    /// <summary>Enters a stream that began already.</summary>
    public void Enter(Connection connection)
    {
        if (_limit > 0 && connection.User is not null)
            _ = TryEnterAsync(connection, CancellationToken.None);
    }

    /// <summary>Removes a stream that ended.</summary>
    public void Leave(Connection connection)
    {
        if (_limit > 0 && connection.User is { } user)
            _ = streams.LeaveAsync(user, NameOf(connection));
    }

    private StreamName NameOf(Connection connection) => new(name.Instance, connection.Number);

    private Task EndAsync(StreamName stream)
    {
        if (stream.Instance != name.Instance)
            return streams.EndAsync(stream);
        connections.Replace(stream.Number);
        return Task.CompletedTask;
    }
}
