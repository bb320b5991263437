namespace SseScaling.Connections;

/// <summary>What a connection is served with, as far as the connections' time keeping needs to know it. Any thread.</summary>
internal interface IConnectionStream
{
    /// <summary>Begins the stream even though it cannot know its position yet: while the backplane is away, clients are kept, not refused.</summary>
    void OpenUnlessOpened();

    /// <summary>Sends a heartbeat, which tells the stream's position where filtered events moved it unseen.</summary>
    void SendHeartbeat();

    /// <summary>Gives up the stream's topics, soon, on another thread, for the caller may hold locks; the connection ended.</summary>
    void Leave();
}
