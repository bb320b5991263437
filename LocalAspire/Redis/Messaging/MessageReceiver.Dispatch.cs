using System.Buffers.Text;
using System.Collections.Concurrent;

namespace StackExchange.Redis;

internal sealed partial class MessageReceiver
{
    private ConcurrentDictionary<byte[], Subscription>.AlternateLookup<ReadOnlySpan<byte>>? _literals;

    /// <summary>
    /// The short way of the common message, `*3 $7 message $n channel $n payload`: one pass, the payload is the only copy.
    /// </summary>
    /// <param name="data">What has arrived.</param>
    /// <param name="length">The message's length.</param>
    /// <returns>False if this is something else, or not complete yet.</returns>
    internal bool TryReceive(ReadOnlySpan<byte> data, out int length)
    {
        length = 0;
        var prefix = "*3\r\n$7\r\nmessage\r\n"u8;
        if (!data.StartsWith(prefix))
            return false;

        var position = prefix.Length;
        if (!TryReadValue(data, ref position, out var channel) || !TryReadValue(data, ref position, out var payload))
            return false;

        length = position;
        var literals = _literals ??= _tables[(int)ChannelKind.Literal].GetAlternateLookup<ReadOnlySpan<byte>>();
        if (literals.TryGetValue(channel, out var subscription))
            subscription.Deliver(subscription.Channel, RedisValue.FromBytes(payload), owner);

        return true;
    }

    /// <summary>Handles a complete reply if it is a message of another kind.</summary>
    internal bool TryReceiveOther(ReadOnlySpan<byte> reply)
    {
        if (reply[0] != '*')
            return false;

        var reader = new RespReader(reply);
        var parts = reader.ReadArray();
        if (parts < 3 || reader.Kind != '$')
            return false;

        var kind = reader.ReadBytes();
        if (parts == 4 && kind.SequenceEqual("pmessage"u8))
            Deliver(ChannelKind.Pattern, reader.ReadBytes(), new RedisChannel(reader.ReadBytes().ToArray(), ChannelKind.Literal), reader.ReadBytes());
        else if (parts == 3 && kind.SequenceEqual("smessage"u8))
            Deliver(ChannelKind.Sharded, reader.ReadBytes(), null, reader.ReadBytes());
        else if (parts == 3 && kind.SequenceEqual("message"u8))
            Deliver(ChannelKind.Literal, reader.ReadBytes(), null, reader.ReadBytes());
        else
            return false;

        return true;
    }

    private void Deliver(ChannelKind kind, ReadOnlySpan<byte> name, RedisChannel? channel, ReadOnlySpan<byte> payload)
    {
        if (_tables[(int)kind].GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out var subscription))
            subscription.Deliver(channel ?? subscription.Channel, RedisValue.FromBytes(payload), owner);
    }

    private static bool TryReadValue(ReadOnlySpan<byte> data, ref int position, out ReadOnlySpan<byte> value)
    {
        value = default;
        var rest = data[position..];
        if (rest.Length < 4 || rest[0] != '$' || !Utf8Parser.TryParse(rest[1..], out int length, out var digits) || length < 0)
            return false;

        var start = 1 + digits + 2;
        if (rest.Length < start + length + 2 || rest[1 + digits] != '\r')
            return false;

        value = rest.Slice(start, length);
        position += start + length + 2;
        return true;
    }
}
