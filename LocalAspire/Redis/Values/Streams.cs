using System.Diagnostics.CodeAnalysis;

namespace StackExchange.Redis;

/// <summary>An entry of a stream.</summary>
/// <param name="id">Its id.</param>
/// <param name="values">Its fields in order.</param>
[SuppressMessage("Performance", "CA1815", Justification = "The API of StackExchange.Redis.")]
[SuppressMessage("Performance", "CA1819", Justification = "The API of StackExchange.Redis.")]
public readonly struct StreamEntry(RedisValue id, NameValueEntry[] values)
{
    /// <summary>No entry.</summary>
    public static StreamEntry Null { get; } = new(RedisValue.Null, []);

    /// <summary>The id, `milliseconds-sequence` unless the writer chose another.</summary>
    public RedisValue Id { get; } = id;

    /// <summary>The fields in the order they were written.</summary>
    public NameValueEntry[] Values { get; } = values;

    /// <summary>Whether this is no entry.</summary>
    public bool IsNull => Id.IsNull;

    /// <summary>The value of the first field with this name, else <see cref="RedisValue.Null"/>.</summary>
    public RedisValue this[RedisValue fieldName]
    {
        get
        {
            foreach (var entry in Values ?? [])
            {
                if (entry.Name == fieldName)
                    return entry.Value;
            }

            return RedisValue.Null;
        }
    }
}

/// <summary>Where to read in a stream.</summary>
/// <param name="key">The stream.</param>
/// <param name="position">The id after which to read.</param>
[SuppressMessage("Performance", "CA1815", Justification = "The API of StackExchange.Redis.")]
public readonly struct StreamPosition(RedisKey key, RedisValue position)
{
    /// <summary>Before the first entry.</summary>
    public static RedisValue Beginning { get; } = "0-0";

    /// <summary>Only entries that arrive from now on.</summary>
    public static RedisValue NewMessages { get; } = "$";

    /// <summary>The stream.</summary>
    public RedisKey Key { get; } = key;

    /// <summary>The id after which to read.</summary>
    public RedisValue Position { get; } = position;
}

/// <summary>A stream and the entries read from it.</summary>
[SuppressMessage("Performance", "CA1815", Justification = "The API of StackExchange.Redis.")]
[SuppressMessage("Performance", "CA1819", Justification = "The API of StackExchange.Redis.")]
public readonly struct RedisStream
{
    internal RedisStream(RedisKey key, StreamEntry[] entries)
    {
        Key = key;
        Entries = entries;
    }

    /// <summary>The stream.</summary>
    public RedisKey Key { get; }

    /// <summary>The entries in order.</summary>
    public StreamEntry[] Entries { get; }
}

/// <summary>What XAUTOCLAIM took over.</summary>
[SuppressMessage("Performance", "CA1815", Justification = "The API of StackExchange.Redis.")]
[SuppressMessage("Performance", "CA1819", Justification = "The API of StackExchange.Redis.")]
public readonly struct StreamAutoClaimResult
{
    internal StreamAutoClaimResult(RedisValue nextStartId, StreamEntry[] claimedEntries, RedisValue[] deletedIds)
    {
        NextStartId = nextStartId;
        ClaimedEntries = claimedEntries;
        DeletedIds = deletedIds;
    }

    /// <summary>Nothing was returned.</summary>
    public static StreamAutoClaimResult Null { get; } = new(RedisValue.Null, [], []);

    /// <summary>Where the next call starts; `0-0` when all pending entries were seen.</summary>
    public RedisValue NextStartId { get; }

    /// <summary>The entries that now belong to the claiming consumer.</summary>
    public StreamEntry[] ClaimedEntries { get; }

    /// <summary>Ids that were pending although their entries are gone.</summary>
    public RedisValue[] DeletedIds { get; }

    /// <summary>Whether nothing was returned.</summary>
    public bool IsNull => NextStartId.IsNull;
}
