using System.Net;

namespace StackExchange.Redis;

/// <summary>A connection failed or was restored.</summary>
public sealed class ConnectionFailedEventArgs : EventArgs
{
    internal ConnectionFailedEventArgs(
        EndPoint endPoint, ConnectionType connectionType, ConnectionFailureType failureType, Exception? exception)
    {
        EndPoint = endPoint;
        ConnectionType = connectionType;
        FailureType = failureType;
        Exception = exception;
    }

    /// <summary>Which of the two connections.</summary>
    public ConnectionType ConnectionType { get; }

    /// <summary>The server's address.</summary>
    public EndPoint? EndPoint { get; }

    /// <summary>The cause, or null when restored.</summary>
    public Exception? Exception { get; }

    /// <summary>The kind of failure, or None when restored.</summary>
    public ConnectionFailureType FailureType { get; }
}

/// <summary>Something failed inside the client, or in a handler that it called.</summary>
public sealed class InternalErrorEventArgs : EventArgs
{
    internal InternalErrorEventArgs(EndPoint? endPoint, ConnectionType connectionType, Exception exception, string? origin)
    {
        EndPoint = endPoint;
        ConnectionType = connectionType;
        Exception = exception;
        Origin = origin;
    }

    /// <summary>Which of the two connections.</summary>
    public ConnectionType ConnectionType { get; }

    /// <summary>The server's address, if one is concerned.</summary>
    public EndPoint? EndPoint { get; }

    /// <summary>What was thrown.</summary>
    public Exception Exception { get; }

    /// <summary>Where it was thrown.</summary>
    public string? Origin { get; }
}
