using System.Diagnostics.CodeAnalysis;

namespace StackExchange.Redis;

/// <summary>An error of Redis or of the way to it.</summary>
/// <param name="message">What happened.</param>
/// <param name="innerException">Its cause.</param>
[SuppressMessage("Design", "CA1032", Justification = "The API of StackExchange.Redis.")]
public class RedisException(string message, Exception? innerException) : Exception(message, innerException)
{
    /// <summary>An error without a cause.</summary>
    public RedisException(string message)
        : this(message, null)
    {
    }
}

/// <summary>The server answered with an error, such as READONLY, NOSCRIPT, LOADING or WRONGTYPE.</summary>
/// <param name="message">The server's text, which starts with the error's code.</param>
[SuppressMessage("Design", "CA1032", Justification = "The API of StackExchange.Redis.")]
public sealed class RedisServerException(string message) : RedisException(message);

/// <summary>A command cannot be sent as it is: an argument is missing or of the wrong kind.</summary>
/// <param name="message">What is wrong.</param>
[SuppressMessage("Design", "CA1032", Justification = "The API of StackExchange.Redis.")]
public sealed class RedisCommandException(string message) : Exception(message);

/// <summary>There is no connection, or it broke before the reply came: the command may have been executed or not.</summary>
[SuppressMessage("Design", "CA1032", Justification = "The API of StackExchange.Redis.")]
public sealed class RedisConnectionException : RedisException
{
    /// <summary>A failure of this type.</summary>
    public RedisConnectionException(ConnectionFailureType failureType, string message)
        : this(failureType, message, null)
    {
    }

    /// <summary>A failure of this type with a cause.</summary>
    public RedisConnectionException(ConnectionFailureType failureType, string message, Exception? innerException)
        : this(failureType, message, innerException, CommandStatus.Unknown)
    {
    }

    /// <summary>A failure of this type with a cause, and how far the command got.</summary>
    public RedisConnectionException(
        ConnectionFailureType failureType, string message, Exception? innerException, CommandStatus commandStatus)
        : base(message, innerException)
    {
        FailureType = failureType;
        CommandStatus = commandStatus;
    }

    /// <summary>Why the connection failed.</summary>
    public ConnectionFailureType FailureType { get; }

    /// <summary>How far the command got.</summary>
    public CommandStatus CommandStatus { get; }
}

/// <summary>No reply came within the time-out. The command may still be executed.</summary>
/// <param name="message">What was waited for.</param>
/// <param name="commandStatus">How far the command got.</param>
[SuppressMessage("Design", "CA1032", Justification = "The API of StackExchange.Redis.")]
public sealed class RedisTimeoutException(string message, CommandStatus commandStatus) : TimeoutException(message)
{
    /// <summary>How far the command got.</summary>
    public CommandStatus Commandstatus { get; } = commandStatus;
}
