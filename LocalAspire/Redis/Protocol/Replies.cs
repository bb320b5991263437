namespace StackExchange.Redis;

/// <summary>The shapes of replies.</summary>
internal static class Replies
{
    internal static readonly Reply<bool> Ignored = new((ref RespReader _) => true);
    internal static readonly Reply<bool> IsOne = new((ref RespReader reader) => reader.ReadInteger() == 1);
    internal static readonly Reply<bool> IsOk = new((ref RespReader reader) => !reader.IsNil);
    internal static readonly Reply<long> Integer = new((ref RespReader reader) => reader.ReadInteger());
    internal static readonly Reply<double> Double = new((ref RespReader reader) => (double)reader.ReadValue());
    internal static readonly Reply<double?> OptionalDouble = new((ref RespReader reader) => (double?)reader.ReadValue());
    internal static readonly Reply<RedisValue> Value = new((ref RespReader reader) => reader.ReadValue());
    internal static readonly Reply<RedisValue[]> Values = new(ReadValues);
    internal static readonly Reply<bool[]> Flags = new((ref RespReader reader) => Array.ConvertAll(ReadValues(ref reader), value => value == 1));
    internal static readonly Reply<HashEntry[]> Hash = new((ref RespReader reader) => ReadPairs(ref reader, (x, y) => new HashEntry(x, y)));
    internal static readonly Reply<SortedSetEntry[]> SortedSet = new((ref RespReader reader) => ReadPairs(ref reader, (x, y) => new SortedSetEntry(x, (double)y)));
    internal static readonly Reply<TimeSpan?> TimeToLive = new(ReadTimeToLive);
    internal static readonly Reply<StreamEntry[]> Stream = new(ReadStream);
    internal static readonly Reply<RedisStream[]> Streams = new(ReadStreams);
    internal static readonly Reply<StreamEntry[]> SingleStream = new(ReadSingleStream);
    internal static readonly Reply<StreamAutoClaimResult> AutoClaim = new(ReadAutoClaim);
    internal static readonly Reply<ScanPage> Scan = new((ref RespReader reader) =>
        reader.ReadArray() == 2 ? new ScanPage(reader.ReadInteger(), ReadValues(ref reader)) : default);
    internal static readonly Reply<RedisResult> Result = new(ReadResult);

    internal static RedisResult ReadResult(ref RespReader reader)
    {
        switch (reader.Kind)
        {
            case (byte)'*' when !reader.IsNil:
                var items = new RedisResult[reader.ReadArray()];
                for (var i = 0; i < items.Length; i++)
                    items[i] = ReadResult(ref reader);

                return RedisResult.Create(items);
            case (byte)'*':
                reader.SkipNil();
                return RedisResult.Nil(ResultType.Array);
            case (byte)'-':
                return RedisResult.Error(reader.ReadText());
            case (byte)'+':
                return RedisResult.Create(reader.ReadValue(), ResultType.SimpleString);
            case (byte)':':
                return RedisResult.Create(reader.ReadValue(), ResultType.Integer);
            default:
                return RedisResult.Create(reader.ReadValue(), ResultType.BulkString);
        }
    }

    private static RedisValue[] ReadValues(ref RespReader reader)
    {
        var count = reader.ReadArray();
        if (count <= 0)
            return [];

        var values = new RedisValue[count];
        for (var i = 0; i < count; i++)
            values[i] = reader.ReadValue();

        return values;
    }

    private static T[] ReadPairs<T>(ref RespReader reader, Func<RedisValue, RedisValue, T> create)
    {
        var count = Math.Max(0, reader.ReadArray());
        var pairs = new T[count / 2];
        for (var i = 0; i < pairs.Length; i++)
            pairs[i] = create(reader.ReadValue(), reader.ReadValue());

        return pairs;
    }

    private static TimeSpan? ReadTimeToLive(ref RespReader reader) =>
        reader.ReadInteger() is >= 0 and var milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null;

    private static StreamEntry[] ReadStream(ref RespReader reader)
    {
        if (reader.SkipNil())
            return [];

        var entries = new StreamEntry[reader.ReadArray()];
        for (var i = 0; i < entries.Length; i++)
            entries[i] = ReadEntry(ref reader);

        return entries;
    }

    private static StreamEntry ReadEntry(ref RespReader reader)
    {
        if (reader.SkipNil())
            return StreamEntry.Null;

        reader.ReadArray();
        var id = reader.ReadValue();
        return reader.SkipNil()
            ? new StreamEntry(id, [])
            : new StreamEntry(id, ReadPairs(ref reader, (x, y) => new NameValueEntry(x, y)));
    }

    private static RedisStream[] ReadStreams(ref RespReader reader)
    {
        if (reader.SkipNil())
            return [];

        var streams = new RedisStream[reader.ReadArray()];
        for (var i = 0; i < streams.Length; i++)
        {
            reader.ReadArray();
            streams[i] = new RedisStream((byte[]?)reader.ReadValue(), ReadStream(ref reader));
        }

        return streams;
    }

    private static StreamEntry[] ReadSingleStream(ref RespReader reader) =>
        ReadStreams(ref reader) is [var stream, ..] ? stream.Entries : [];

    private static StreamAutoClaimResult ReadAutoClaim(ref RespReader reader)
    {
        var parts = reader.ReadArray();
        var next = reader.ReadValue();
        var claimed = ReadStream(ref reader);
        return new StreamAutoClaimResult(next, claimed, parts > 2 ? ReadValues(ref reader) : []);
    }
}

/// <summary>A page of a SCAN.</summary>
internal readonly record struct ScanPage(long Next, RedisValue[] Values);
