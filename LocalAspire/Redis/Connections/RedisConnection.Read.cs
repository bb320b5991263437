namespace StackExchange.Redis;

internal sealed partial class RedisConnection
{
    // One read takes what the kernel has, up to this. Larger ones only move more bytes through the cache.
    private const int ReadSize = 64 * 1024;

    // Pages of a stream are read over and over; only buffers beyond this are given back after a large reply.
    private const int LargestKept = 1024 * 1024;

    private async Task ReadAsync()
    {
        try
        {
            var buffer = new byte[ReadSize];
            var scanner = default(RespScanner);
            int start = 0, end = 0;
            while (true)
            {
                var read = await _stream.ReadAsync(buffer.AsMemory(end));
                if (read == 0)
                    throw new RedisConnectionException(ConnectionFailureType.SocketClosed, $"{EndPoint} closed the connection.");

                Volatile.Write(ref _lastRead, Environment.TickCount64);
                end += read;
                start += Consume(buffer.AsSpan(start, end - start), ref scanner, out var needed);
                (buffer, start, end) = MakeRoom(buffer, start, end, needed);
            }
        }
        catch (RedisConnectionException e)
        {
            End(e);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            End(new RedisConnectionException(ConnectionFailureType.SocketFailure, $"Reading from {EndPoint} failed: {e.Message}", e));
        }
        catch (Exception e)
        {
            // The reader is the end of the line: an error here is a bug, and the commands that wait must hear of it.
            End(new RedisConnectionException(ConnectionFailureType.InternalFailure, $"Reading from {EndPoint} failed: {e.Message}", e));
        }
    }

    /// <summary>Handles the complete replies at the start of the data.</summary>
    /// <returns>How many bytes they were.</returns>
    private int Consume(ReadOnlySpan<byte> data, ref RespScanner scanner, out int needed)
    {
        var position = 0;
        while (true)
        {
            var rest = data[position..];
            if (_receiver is not null && _receiver.TryReceive(rest, out needed))
            {
                position += needed;

                // The scanner may have walked the first part of this message when only that had arrived.
                scanner = default;
                continue;
            }

            if (!scanner.TryFindEnd(rest, out needed))
                return position;

            Handle(rest[..needed]);
            position += needed;
        }
    }

    private void Handle(ReadOnlySpan<byte> reply)
    {
        if (_receiver is not null && _receiver.TryReceiveOther(reply))
            return;

        ReplyQueue.Entry entry;
        lock (_gate)
        {
            if (!_waiting.TryDequeue(out entry))
                throw new RedisConnectionException(ConnectionFailureType.ProtocolFailure, $"{EndPoint} sent a reply that nothing waits for.");
        }

        entry.Reply.Complete(entry.Source, reply);
    }

    // The incomplete rest moves to the front where the room behind it does not do; a reply larger than the buffer gets a larger one.
    private static (byte[] Buffer, int Start, int End) MakeRoom(byte[] buffer, int start, int end, int needed)
    {
        var rest = end - start;
        if (needed > buffer.Length)
            return (Move(buffer, start, rest, new byte[Math.Max(needed, 2 * buffer.Length)]), 0, rest);

        if (buffer.Length > LargestKept && rest < ReadSize && needed < ReadSize)
            return (Move(buffer, start, rest, new byte[ReadSize]), 0, rest);

        if (rest > 0 && start + needed <= buffer.Length && end < buffer.Length)
            return (buffer, start, end);

        return (Move(buffer, start, rest, buffer), 0, rest);
    }

    private static byte[] Move(byte[] buffer, int start, int length, byte[] target)
    {
        buffer.AsSpan(start, length).CopyTo(target);
        return target;
    }
}
