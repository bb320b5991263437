namespace StackExchange.Redis;

/// <summary>A command that is not written yet: it waits in a batch, or for a connection.</summary>
internal readonly record struct WaitingCommand(byte[] Request, Reply Reply, object? Source, long Since);
