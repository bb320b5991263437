namespace Aspire.Hosting;

/// <summary>The application cannot be built or run as it was described; the message says why in one sentence.</summary>
public class DistributedApplicationException : Exception
{
    /// <summary>Without a reason.</summary>
    public DistributedApplicationException()
    {
    }

    /// <summary>With a reason.</summary>
    /// <param name="message">The reason.</param>
    public DistributedApplicationException(string message) : base(message)
    {
    }

    /// <summary>With a reason and what caused it.</summary>
    /// <param name="message">The reason.</param>
    /// <param name="inner">What caused it.</param>
    public DistributedApplicationException(string message, Exception inner) : base(message, inner)
    {
    }
}
