using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using SseScaling.LoadTest.Clients;
using SseScaling.LoadTest.Measure;

namespace SseScaling.LoadTest.Load;

/// <summary>
/// Publishes with POST /api/publish: one request at a time, so that the order of a topic holds; what comes due while
/// it is under way goes into the next one, as an array.
/// </summary>
internal sealed class ApiPublisher(string name, IPEndPoint target, byte[] head, EventWriter writer) : LoadPublisher(name, target)
{
    // Enough for any rate that one connection answers, small enough for any sensible limit of a request's size.
    private const int MostEvents = 100;
    private const int MostBytes = 48 << 10;

    private readonly ArrayBufferWriter<byte> _body = new(64 << 10);
    private readonly ArrayBufferWriter<byte> _request = new(64 << 10);
    private readonly List<Scheduled> _inFlight = [];

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
            if (Connection is null || _inFlight.Count > 0 || Waiting.Count == 0) return;
            WriteRequest();
            Send(_request.WrittenSpan);
        }
    }

    /// <inheritdoc />
    protected override void RunConnection()
    {
        using var socket = Open();
        Ready(socket);
        var buffer = new byte[16 << 10];
        while (true)
        {
            var status = ReadAnswer(socket, buffer);
            lock (Gate) Settle(status);
            Flush();
        }
    }

    /// <inheritdoc />
    protected override IReadOnlyCollection<Scheduled> TakeUnanswered()
    {
        Scheduled[] taken = [.. _inFlight];
        _inFlight.Clear();
        return taken;
    }

    private void WriteRequest()
    {
        _body.ResetWrittenCount();
        _request.ResetWrittenCount();
        var count = 0;
        while (count < Waiting.Count && count < MostEvents && (count == 0 || _body.WrittenCount + _body.WrittenCount / count < MostBytes))
        {
            _body.Write(count == 0 ? "["u8 : ","u8);
            writer.WriteApi(_body, Waiting[count++]);
        }
        _body.Write("]"u8);
        _inFlight.AddRange(Waiting[..count]);
        Waiting.RemoveRange(0, count);
        _request.Write(head);
        _request.Write(Encoding.ASCII.GetBytes($"Content-Length: {_body.WrittenCount}\r\n\r\n"));
        _request.Write(_body.WrittenSpan);
    }

    private void Settle(int status)
    {
        if (status is >= 200 and < 300)
        {
            var now = Clock.Now;
            foreach (var scheduled in _inFlight) Accept(scheduled, now);
        }
        else
        {
            Abandon(_inFlight, $"publishing answered {status}");
        }
        _inFlight.Clear();
    }

    private static int ReadAnswer(Socket socket, byte[] buffer)
    {
        var response = new HttpStream();
        while (!response.Ended)
        {
            var count = socket.Receive(buffer);
            if (count == 0 || response.Broken) throw new IOException("the server closed the publishing connection");
            ReadOnlySpan<byte> bytes = buffer.AsSpan(0, count);
            while (!bytes.IsEmpty) response.Next(ref bytes);
        }
        return response.Head!.Status;
    }
}
