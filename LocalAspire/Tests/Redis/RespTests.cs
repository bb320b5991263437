using System.Net;
using System.Text;
using StackExchange.Redis;
using Xunit;

namespace LocalAspire.Tests.Redis;

/// <summary>The reader against bytes that arrive in random pieces.</summary>
public sealed class RespTests
{
    [Fact]
    public void The_scanner_finds_the_end_of_a_reply_wherever_it_is_split()
    {
        var random = new Random(1);
        for (var round = 0; round < 2000; round++)
        {
            var text = new StringBuilder();
            AppendRandom(text, random, depth: 0);
            var reply = Encoding.Latin1.GetBytes(text.ToString());
            var data = (byte[])[.. reply, .. "+the next one\r\n"u8];
            var scanner = default(RespScanner);
            var arrived = 0;
            int length;
            while (!scanner.TryFindEnd(data.AsSpan(0, arrived), out length))
            {
                Assert.InRange(length, arrived + 1, reply.Length);
                arrived = Math.Min(data.Length, arrived + random.Next(1, 8));
            }

            Assert.Equal(reply.Length, length);
            Assert.Equal(text.ToString(), Write(reply));
        }
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n")]
    [InlineData("$5\r\nhello!\r\n")]
    [InlineData("$x\r\n")]
    [InlineData("*-2\r\n")]
    [InlineData("$99999999999\r\n")]
    [InlineData("+only a newline\n\n")]
    public void What_is_not_RESP_is_refused(string text)
    {
        var scanner = default(RespScanner);
        var error = Assert.Throws<RedisConnectionException>(() => { scanner.TryFindEnd(Encoding.Latin1.GetBytes(text), out _); });
        Assert.Equal(ConnectionFailureType.ProtocolFailure, error.FailureType);
    }

    [Fact]
    public async Task Messages_and_replies_are_received_whole_wherever_they_are_split()
    {
        for (var seed = 1; seed <= 40; seed++)
            await ReceiveInPiecesAsync(new Random(seed), largest: seed % 4 == 0 ? 200_000 : 40);
    }

    private static async Task ReceiveInPiecesAsync(Random random, int largest)
    {
        var expected = new List<string>();
        var bytes = new List<byte>();
        for (var i = 0; i < 300; i++)
        {
            var payload = new string((char)('a' + random.Next(26)), random.Next(largest));
            var isMessage = random.Next(3) > 0;
            expected.Add($"{(isMessage ? "message" : "reply")} {i} {payload}");
            bytes.AddRange(Encoding.Latin1.GetBytes(isMessage
                ? $"*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n${$"{i} {payload}".Length}\r\n{i} {payload}\r\n"
                : $"${$"{i} {payload}".Length}\r\n{i} {payload}\r\n"));
        }

        var received = new List<string>();
        await using var redis = await ConnectionMultiplexer.ConnectAsync("127.0.0.1:1,abortConnect=false");
        await redis.GetSubscriber().SubscribeAsync(RedisChannel.Literal("c"), (_, message) => received.Add($"message {message}"))
            .ContinueWith(static done => done.Exception, TaskScheduler.Default);
        var stream = new PiecesStream([.. bytes], random);
        var connection = RedisConnection.Start(stream, new IPEndPoint(IPAddress.Loopback, 1), redis.Receiver);
        var record = new Reply<bool>((ref RespReader reader) =>
        {
            received.Add($"reply {reader.ReadText()}");
            return true;
        });
        foreach (var _ in expected.Where(text => text.StartsWith("reply", StringComparison.Ordinal)))
            Assert.True(connection.TrySend("x"u8, record, new TaskCompletionSource<bool>()));

        stream.Begin();
        var end = await connection.Ended.Soon();
        Assert.True(end.FailureType == ConnectionFailureType.SocketClosed, end.Message);
        Assert.Equal(expected, received);
    }

    private static void AppendRandom(StringBuilder text, Random random, int depth)
    {
        var kind = random.Next(depth < 4 ? 8 : 6);
        var length = random.Next(20);
        text.Append(kind switch
        {
            0 => $"+{new string('s', length)}\r\n",
            1 => $"-ERR {length}\r\n",
            2 => $":{random.Next(-1000, 1000)}\r\n",
            3 => "$-1\r\n",
            4 => "*-1\r\n",
            5 => $"${length + 2}\r\n{new string('b', length)}\r\n\r\n",
            _ => $"*{length / 4}\r\n",
        });
        for (var i = 0; kind >= 6 && i < length / 4; i++)
            AppendRandom(text, random, depth + 1);
    }

    // Reads a reply into results and writes it again: nothing may be lost on the way.
    private static string Write(byte[] reply)
    {
        var reader = new RespReader(reply);
        return Write(Replies.ReadResult(ref reader));
    }

    private static string Write(RedisResult result) => result.Resp2Type switch
    {
        ResultType.Error => $"-{result}\r\n",
        ResultType.SimpleString => $"+{(string?)result}\r\n",
        ResultType.Integer => $":{(long)result}\r\n",
        ResultType.BulkString => result.IsNull ? "$-1\r\n" : $"${((string)result!).Length}\r\n{(string?)result}\r\n",
        _ => result.IsNull ? "*-1\r\n" : $"*{result.Length}\r\n{string.Concat(((RedisResult[])result!).Select(Write))}",
    };

    /// <summary>Gives the bytes in random pieces, and swallows what is written.</summary>
    private sealed class PiecesStream(byte[] bytes, Random random) : MemoryStream
    {
        private readonly TaskCompletionSource _begin = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _given;

        internal void Begin() => _begin.SetResult();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await _begin.Task;
            var size = Math.Min(buffer.Length, Math.Min(bytes.Length - _given, random.Next(1, random.Next(2) == 0 ? 10 : 5000)));
            bytes.AsMemory(_given, size).CopyTo(buffer);
            _given += size;
            return size;
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            ValueTask.CompletedTask;
    }
}
