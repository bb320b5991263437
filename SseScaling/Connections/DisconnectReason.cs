namespace SseScaling.Connections;

/// <summary>Why a stream ended. The wire names in <see cref="DisconnectReasons"/> are a bounded set: they tag logs and metrics.</summary>
internal enum DisconnectReason
{
    /// <summary>The client closed the connection.</summary>
    Client,

    /// <summary>More waited for the client than its bound allows.</summary>
    SlowConsumer,

    /// <summary>The client took nothing for the write time-out.</summary>
    WriteTimeout,

    /// <summary>This replica is stopping.</summary>
    Drain,

    /// <summary>The stream reached its maximum lifetime.</summary>
    Lifetime,

    /// <summary>The user opened more streams than allowed, and this was the oldest.</summary>
    Replaced,

    /// <summary>The connection failed.</summary>
    Error,
}

/// <summary>The reasons' names in logs and metrics.</summary>
internal static class DisconnectReasons
{
    public static string Name(this DisconnectReason reason) => reason switch
    {
        DisconnectReason.Client => "client",
        DisconnectReason.SlowConsumer => "slow-consumer",
        DisconnectReason.WriteTimeout => "write-timeout",
        DisconnectReason.Drain => "drain",
        DisconnectReason.Lifetime => "lifetime",
        DisconnectReason.Replaced => "replaced",
        _ => "error",
    };
}
