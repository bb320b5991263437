namespace Aspire.StackExchange.Redis;

/// <summary>What AddRedisClient does besides the connection; bound from the section `Aspire:StackExchange:Redis`.</summary>
public sealed class StackExchangeRedisSettings
{
    /// <summary>The connection string; ConnectionStrings:{name} comes before it.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Whether to leave out the health check; false unless set.</summary>
    public bool DisableHealthChecks { get; set; }

    /// <summary>Accepted for compatibility; the stand-in traces nothing.</summary>
    public bool DisableTracing { get; set; }

    /// <summary>Whether to connect at the first use rather than at the start of the host; true unless set.</summary>
    public bool DisableAutoActivation { get; set; } = true;
}
