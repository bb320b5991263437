using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using SseScaling.LoadTest.Clients;
using SseScaling.Protocol;

namespace SseScaling.Tests.Faults;

/// <summary>
/// A client that behaves as a browser's EventSource does: it takes an id when its block is complete, comes back after the reconnect delay with
/// Last-Event-ID, and an event that was cut off does not count. Topics are called <c>t0</c>, <c>t1</c>, …; data are arrays that begin with
/// topic, number and time.
/// </summary>
internal sealed class BrowserClient : ISseSink, IAsyncDisposable
{
    // The server's delay is kept up to this, so that the run stays short.
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(1);

    private readonly int[] _topics;
    private readonly Func<int> _port;
    private readonly Action<long>? _arrived;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<int, TopicLog> _logs;
    private readonly Task _running;
    private HttpStream _http;
    private SseParser _parser;
    private Socket? _socket;
    private string? _lastEventId;
    private TimeSpan _retry = TimeSpan.FromSeconds(1);

    /// <param name="topics">The topics' numbers.</param>
    /// <param name="port">Where to connect next.</param>
    /// <param name="arrived">Told each event's time.</param>
    public BrowserClient(int[] topics, Func<int> port, Action<long>? arrived = null)
    {
        (_topics, _port, _arrived) = (topics, port, arrived);
        _logs = topics.ToDictionary(topic => topic, _ => new TopicLog());
        _running = RunAsync();
    }

    /// <summary>Completes when a stream has named its position for the first time.</summary>
    public Task Opened => _opened.Task;

    public IReadOnlyDictionary<int, TopicLog> Logs => _logs;

    /// <summary>How many answers were neither a stream nor 503.</summary>
    public int Refusals { get; private set; }

    /// <summary>How long the client stays away when it was dropped, beside the reconnect delay.</summary>
    public TimeSpan Away { get; set; }

    /// <summary>Drops the connection without a word.</summary>
    public void Drop() => Volatile.Read(ref _socket)?.Dispose();

    public void OnEvent(in ReceivedEvent received)
    {
        if (received.HasId)
            _lastEventId = Encoding.ASCII.GetString(received.Id);
        if (_lastEventId is not null)
            _opened.TrySetResult();
        if (received.Data.IsEmpty)
            return;
        if (received.Name.SequenceEqual("gap"u8))
            TakeGap(received.Data);
        else
            TakeEvent(received.Data);
    }

    public void OnRetry(int milliseconds) => _retry = TimeSpan.FromMilliseconds(milliseconds);

    public void OnComment()
    {
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Drop();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await StreamAsync();
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // Refused, reset, dropped by the test: come back.
            }

            var delay = _retry < LongestRetry ? _retry : LongestRetry;
            await Task.Delay(Away + (delay * (0.5 + (Random.Shared.NextDouble() / 2))), _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task StreamAsync()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Volatile.Write(ref _socket, socket);
        _http.Reset();
        _parser.Reset();
        await socket.ConnectAsync(IPAddress.Loopback, _port(), _stop.Token);
        await socket.SendAsync(Encoding.ASCII.GetBytes(Request()), _stop.Token);
        var buffer = new byte[16 << 10];
        while (await socket.ReceiveAsync(buffer, _stop.Token) is > 0 and var received)
        {
            if (!Take(buffer.AsSpan(0, received)))
                return;
        }
    }

    private string Request() =>
        $"GET /api/stream?{string.Join('&', _topics.Select(topic => "topic=t" + topic.ToString(CultureInfo.InvariantCulture)))} HTTP/1.1\r\nHost: localhost\r\n"
        + (_lastEventId is null ? "\r\n" : $"Last-Event-ID: {_lastEventId}\r\n\r\n");

    private bool Take(ReadOnlySpan<byte> bytes)
    {
        while (true)
        {
            var body = _http.Next(ref bytes);
            if (_http.Head is { IsEventStream: false } refused)
            {
                Refusals += refused.Status == 503 ? 0 : 1;
                return false;
            }

            if (body.IsEmpty)
                return !_http.Ended && !_http.Broken;
            _parser.Feed(body, this);
        }
    }

    private void TakeEvent(ReadOnlySpan<byte> data)
    {
        data = data[1..];
        var (topic, number, micros) = ((int)TakeNumber(ref data), TakeNumber(ref data), TakeNumber(ref data));
        _logs[topic].Event(number);
        _arrived?.Invoke(micros);
    }

    private static long TakeNumber(ref ReadOnlySpan<byte> data)
    {
        if (!Utf8Parser.TryParse(data, out long number, out var used))
            throw new FormatException("An event's data are none that the publisher made.");
        data = data[(used + 1)..];
        return number;
    }

    private void TakeGap(ReadOnlySpan<byte> data)
    {
        var reader = new Utf8JsonReader(data);
        using var gap = JsonDocument.ParseValue(ref reader);
        var topic = int.Parse(gap.RootElement.GetProperty("topic").GetString()![1..], CultureInfo.InvariantCulture);
        _logs[topic].Gap(Offset("from"), Offset("to"));

        // A gap without an end, or a beginning, is none that these runs can cause: it must not pass for one.
        long Offset(string name) => EventPosition.TryParse(gap.RootElement.GetProperty(name).GetString(), out var position) ? position.Offset : -1;
    }
}
