namespace SseScaling;

/// <summary>The event log cannot be reached at the moment: nothing is known to be published. Answered with 503 and Retry-After.</summary>
public sealed class SseUnavailableException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">A sentence that says what is not reachable.</param>
    /// <param name="innerException">What the client library reported.</param>
    public SseUnavailableException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>How long a caller should wait before it tries again. Default one second.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(1);
}
