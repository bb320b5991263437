using System.Diagnostics.CodeAnalysis;

namespace StackExchange.Redis;

/// <summary>How a single command is sent.</summary>
[Flags]
public enum CommandFlags
{
    /// <summary>Wait for the reply.</summary>
    None = 0,

    /// <summary>Do not wait: the call returns the default value of its type at once, and errors are dropped.</summary>
    FireAndForget = 2,

    /// <summary>Accepted for compatibility; there is only one server.</summary>
    DemandMaster = 4,

    /// <summary>Accepted for compatibility; there is only one server.</summary>
    PreferReplica = 8,

    /// <summary>Accepted for compatibility; there is only one server.</summary>
    DemandReplica = 12,

    /// <summary>Send scripts by EVAL, never by EVALSHA.</summary>
    NoScriptCache = 512,
}

/// <summary>The condition under which a value is written.</summary>
public enum When
{
    /// <summary>Always.</summary>
    Always,

    /// <summary>Only if it exists already.</summary>
    Exists,

    /// <summary>Only if it does not exist yet.</summary>
    NotExists,
}

/// <summary>The condition under which a sorted set's member is written.</summary>
[Flags]
public enum SortedSetWhen
{
    /// <summary>Always.</summary>
    Always = 0,

    /// <summary>Only members that exist already.</summary>
    Exists = 1,

    /// <summary>Only if the new score is greater than the current one.</summary>
    GreaterThan = 2,

    /// <summary>Only if the new score is less than the current one.</summary>
    LessThan = 4,

    /// <summary>Only members that do not exist yet.</summary>
    NotExists = 8,
}

/// <summary>The condition under which an expiry is set.</summary>
public enum ExpireWhen
{
    /// <summary>Always.</summary>
    Always,

    /// <summary>Only if the new expiry is later than the current one.</summary>
    GreaterThanCurrentExpiry,

    /// <summary>Only if the key has an expiry.</summary>
    HasExpiry,

    /// <summary>Only if the key has no expiry.</summary>
    HasNoExpiry,

    /// <summary>Only if the new expiry is earlier than the current one.</summary>
    LessThanCurrentExpiry,
}

/// <summary>The direction in which elements are returned.</summary>
public enum Order
{
    /// <summary>From low to high.</summary>
    Ascending,

    /// <summary>From high to low.</summary>
    Descending,
}

/// <summary>Which ends of a range do not belong to it.</summary>
[Flags]
public enum Exclude
{
    /// <summary>Both ends belong to the range.</summary>
    None = 0,

    /// <summary>The start does not belong to the range.</summary>
    Start = 1,

    /// <summary>The stop does not belong to the range.</summary>
    Stop = 2,

    /// <summary>Neither end belongs to the range.</summary>
    Both = Start | Stop,
}

/// <summary>The kind of a reply.</summary>
[SuppressMessage("Naming", "CA1720", Justification = "The API of StackExchange.Redis.")]
public enum ResultType : byte
{
    /// <summary>No reply.</summary>
    None = 0,

    /// <summary>A short text such as OK.</summary>
    SimpleString = 1,

    /// <summary>An error.</summary>
    Error = 2,

    /// <summary>A 64-bit integer.</summary>
    Integer = 3,

    /// <summary>Binary data, or nil.</summary>
    BulkString = 4,

    /// <summary>A list of replies, or nil.</summary>
    Array = 5,
}

/// <summary>How far a command got before it failed.</summary>
public enum CommandStatus
{
    /// <summary>Not known.</summary>
    Unknown,

    /// <summary>It was not written to the connection.</summary>
    WaitingToBeSent,

    /// <summary>It was written; whether the server executed it is not known.</summary>
    Sent,

    /// <summary>It waited for a connection.</summary>
    WaitingInBacklog,
}

/// <summary>The version of the wire protocol. The stand-in speaks RESP2 whatever is asked for.</summary>
public enum RedisProtocol
{
    /// <summary>RESP2.</summary>
    Resp2 = 20000,

    /// <summary>RESP3.</summary>
    Resp3 = 30000,
}

/// <summary>Which of the two connections to a server is meant.</summary>
public enum ConnectionType
{
    /// <summary>Neither.</summary>
    None = 0,

    /// <summary>The one for commands.</summary>
    Interactive,

    /// <summary>The one that receives published messages.</summary>
    Subscription,
}

/// <summary>Why a connection failed.</summary>
public enum ConnectionFailureType
{
    /// <summary>It did not fail.</summary>
    None,

    /// <summary>There is no connection at the moment.</summary>
    UnableToResolvePhysicalConnection,

    /// <summary>The socket failed.</summary>
    SocketFailure,

    /// <summary>The server did not accept user and password, or the TLS handshake failed.</summary>
    AuthenticationFailure,

    /// <summary>The server sent something that is not RESP2.</summary>
    ProtocolFailure,

    /// <summary>An error inside the client.</summary>
    InternalFailure,

    /// <summary>The other side closed the connection.</summary>
    SocketClosed,

    /// <summary>This side closed the connection.</summary>
    ConnectionDisposed,

    /// <summary>The server is still reading its data.</summary>
    Loading,

    /// <summary>No connection could be opened.</summary>
    UnableToConnect,

    /// <summary>Never reported by the stand-in.</summary>
    ResponseIntegrityFailure,
}

/// <summary>What happens to entries that consumer groups still refer to when a stream is trimmed (Redis 8.2).</summary>
public enum StreamTrimMode
{
    /// <summary>References stay; what every server does.</summary>
    KeepReferences = 0,

    /// <summary>References are deleted as well.</summary>
    DeleteReferences = 1,

    /// <summary>Only acknowledged entries are trimmed.</summary>
    Acknowledged = 2,
}
