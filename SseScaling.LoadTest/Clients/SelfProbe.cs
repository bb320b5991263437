using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using SseScaling.LoadTest.Load;
using SseScaling.LoadTest.Measure;

namespace SseScaling.LoadTest.Clients;

/// <summary>
/// A stream that this tool sends to itself and receives through the same loop as all the others. Its latency is what the tool and the
/// machine's contention add to every figure: if it comes near the measured latency, the tool is the limit and not the server.
/// </summary>
internal sealed class SelfProbe : IDisposable
{
    private static readonly byte[] Run = "probe"u8.ToArray();
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    private readonly TopicLedger _topic = new("probe");
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly ClientGroup _group;
    private readonly ClientContext _context;
    private readonly Client _client;
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _thread;

    /// <summary>A probe in a free slot of a group's loop.</summary>
    public SelfProbe(ClientGroup group, int slot)
    {
        _group = group;
        _context = group.Context with { Counters = new ClientCounters(), Run = Run, MeasureFrom = 0, Reconnecting = false };
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(1);
        var route = new Route((IPEndPoint)_listener.LocalEndPoint!, null);
        _client = new Client(_context, slot, _topic, route, Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: localhost\r\n"), ClientBehavior.Steady);
        _thread = new Thread(Send) { IsBackground = true, Name = "probe" };
    }

    /// <summary>Begins to measure.</summary>
    public void Start()
    {
        lock (_group.Gate) _client.Connect();
        _thread.Start();
    }

    /// <summary>Moves what was measured into <paramref name="target"/>.</summary>
    public void Take(Histogram target)
    {
        lock (_group.Gate)
        {
            target.Add(_context.Counters.Latency);
            _context.Counters.Latency.Clear();
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _stop.Set();
        _listener.Dispose();
        if (_thread.IsAlive) _thread.Join();
        lock (_group.Gate) _client.Stop();
        _stop.Dispose();
    }

    private void Send()
    {
        try
        {
            using var connection = _listener.Accept();
            connection.NoDelay = true;
            connection.Send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"u8);
            var writer = new ArrayBufferWriter<byte>(256);
            while (!_stop.Wait(Interval))
            {
                writer.ResetWrittenCount();
                writer.Write("data: "u8);
                EventPayload.Write(writer, Run, _topic.NameBytes, new Scheduled(_topic, _topic.Next(), Clock.Now, 0), 0);
                writer.Write("\n\n"u8);
                connection.Send(writer.WrittenSpan);
            }
        }
        catch (SocketException) when (_stop.IsSet)
        {
            // The listener was closed under a waiting Accept: that is how a probe ends that was never connected.
        }
    }
}
