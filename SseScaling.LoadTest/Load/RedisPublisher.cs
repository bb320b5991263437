using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using SseScaling.LoadTest.Measure;

namespace SseScaling.LoadTest.Load;

/// <summary>Where Redis is and how to get in, from a connection string as StackExchange.Redis and Aspire write it.</summary>
/// <param name="Host">Name or address.</param>
/// <param name="Port">Port.</param>
/// <param name="User">User, or null for the default one.</param>
/// <param name="Password">Password, or null.</param>
internal sealed record RedisAddress(string Host, int Port, string? User, string? Password)
{
    /// <summary>Reads <c>host:port[,user=…][,password=…]</c>; other settings are ignored.</summary>
    /// <exception cref="UsageException">There is no host, or TLS is asked for.</exception>
    public static RedisAddress Parse(string text)
    {
        var parts = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        string? Setting(string name) => parts.FirstOrDefault(part => part.StartsWith(name + "=", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..];
        if (parts.Length == 0 || parts[0].Contains('=')) throw new UsageException($"--redis '{text}' names no host: write host:port[,password=…].");
        if (string.Equals(Setting("ssl"), "true", StringComparison.OrdinalIgnoreCase))
        {
            throw new UsageException("--redis asks for TLS, which this tool does not speak: publish through the API instead.");
        }
        var (host, port) = parts[0].LastIndexOf(':') is > 0 and var colon && int.TryParse(parts[0][(colon + 1)..], out var number)
            ? (parts[0][..colon], number)
            : (parts[0], 6379);
        return new RedisAddress(host, port, Setting("user"), Setting("password"));
    }
}

/// <summary>
/// Publishes with plain PUBLISH commands, pipelined, as any other program with a Redis client would: events without ids, at most once.
/// </summary>
internal sealed class RedisPublisher(string name, IPEndPoint target, RedisAddress address, EventWriter writer) : LoadPublisher(name, target)
{
    private readonly ArrayBufferWriter<byte> _commands = new(64 << 10);
    private readonly Queue<Scheduled> _inFlight = new();

    /// <inheritdoc />
    public override bool IsIdle
    {
        get { lock (Gate) return Waiting.Count == 0 && _inFlight.Count == 0; }
    }

    /// <inheritdoc />
    public override void Flush()
    {
        lock (Gate)
        {
            if (Connection is null || Waiting.Count == 0) return;
            _commands.ResetWrittenCount();
            foreach (var scheduled in Waiting)
            {
                writer.WriteRedis(_commands, scheduled);
                _inFlight.Enqueue(scheduled);
            }
            Waiting.Clear();
            Send(_commands.WrittenSpan);
        }
    }

    /// <inheritdoc />
    protected override void RunConnection()
    {
        using var socket = Open();
        using var reader = new StreamReader(new NetworkStream(socket), Encoding.UTF8);
        Authenticate(socket, reader);
        Ready(socket);
        while (reader.ReadLine() is { Length: > 0 } reply)
        {
            lock (Gate) Settle(reply);
        }
        throw new IOException("Redis closed the connection");
    }

    /// <inheritdoc />
    protected override IReadOnlyCollection<Scheduled> TakeUnanswered()
    {
        Scheduled[] taken = [.. _inFlight];
        _inFlight.Clear();
        return taken;
    }

    private void Authenticate(Socket socket, StreamReader reader)
    {
        if (address.Password is not { } password) return;
        string[] command = address.User is { } user ? ["AUTH", user, password] : ["AUTH", password];
        var text = new StringBuilder($"*{command.Length}\r\n");
        foreach (var part in command) text.Append($"${Encoding.UTF8.GetByteCount(part)}\r\n{part}\r\n");
        socket.Send(Encoding.UTF8.GetBytes(text.ToString()));
        var reply = reader.ReadLine();
        if (reply != "+OK") throw new IOException($"Redis answered {reply?.TrimStart('-') ?? "nothing"}");
    }

    private void Settle(string reply)
    {
        if (!_inFlight.TryDequeue(out var scheduled)) throw new IOException("Redis sent an answer too many");
        if (reply[0] == '-') Abandon([scheduled], $"Redis answered {reply[1..]}");
        else Accept(scheduled, Clock.Now);
    }
}
