namespace SseScaling;

/// <summary>Why a stream ended. The wire names in <see cref="DisconnectReasonNames"/> are a bounded set: they tag logs and metrics.</summary>
public enum SseDisconnectReason
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

    /// <summary>The application ended it: <see cref="ISseConnections.DisconnectAsync"/>.</summary>
    Ended,

    /// <summary>The right by which it was open has expired: its client comes back with a new one, where it stood.</summary>
    TokenExpired,

    /// <summary>The right by which it was open was revoked: <see cref="ISseConnections.RevokeAsync"/>.</summary>
    Revoked,
}

/// <summary>The reasons' names in logs and metrics.</summary>
internal static class DisconnectReasonNames
{
    public static string Name(this SseDisconnectReason reason) => reason switch
    {
        SseDisconnectReason.Client => "client",
        SseDisconnectReason.SlowConsumer => "slow-consumer",
        SseDisconnectReason.WriteTimeout => "write-timeout",
        SseDisconnectReason.Drain => "drain",
        SseDisconnectReason.Lifetime => "lifetime",
        SseDisconnectReason.Replaced => "replaced",
        SseDisconnectReason.Ended => "ended",
        SseDisconnectReason.TokenExpired => "token-expired",
        SseDisconnectReason.Revoked => "revoked",
        _ => "error",
    };
}
