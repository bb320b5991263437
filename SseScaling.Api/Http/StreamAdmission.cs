using SseScaling.Api.Social;
using SseScaling.Cluster;
using SseScaling.Connections;
using SseScaling.Topics;

namespace SseScaling.Api.Http;

/// <summary>How a stream is let in, whichever way it is served: a place, the user's limit, its topics, the list of all streams.</summary>
/// <remarks>A reserved place is given back by the stream's end once it began, before that by whatever refuses it here.</remarks>
internal sealed class StreamAdmission(ConnectionRegistry connections, OpenStreams streams, UserPlans plans, StreamTracker users)
{
    /// <summary>Takes a place; false when there is none.</summary>
    public bool TryReserve() => connections.TryReserve();

    /// <summary>Asks the register where that must be; false when the user has too many streams.</summary>
    public async Task<bool> TryEnterAsync(Connection connection)
    {
        var isEntered = false;
        try
        {
            // Not cancelled with the request: what was entered would never be given back.
            isEntered = await users.TryEnterAsync(connection, CancellationToken.None);
        }
        finally
        {
            if (!isEntered)
                connections.Release();
        }

        return isEntered;
    }

    /// <summary>Gives back what a stream that was let in does not need, since it cannot begin.</summary>
    public void Withdraw(Connection connection)
    {
        users.Leave(connection);
        connections.Release();
    }

    /// <summary>Gives a stream that has its way to the client its topics.</summary>
    public void Begin(Connection connection, StreamRequest request)
    {
        streams.Open(connection, plans.Plain(request), plans.ReaderOf(request));
        connections.Add(connection);
        users.Enter(connection);
    }
}
