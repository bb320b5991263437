using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace SseScaling.Tests.LoadTest;

/// <summary>What a <see cref="FaultyServer"/> does wrong; all zero and false is a correct server.</summary>
public sealed record Faults
{
    /// <summary>Leaves out every so manieth event of a topic.</summary>
    public int LoseEvery { get; init; }

    /// <summary>Sends every so manieth event twice.</summary>
    public int RepeatEvery { get; init; }

    /// <summary>Sends every so manieth event after the one that follows it.</summary>
    public int SwapEvery { get; init; }

    /// <summary>Sends every so manieth event to a subscriber of another topic as well.</summary>
    public int MisrouteEvery { get; init; }

    /// <summary>Holds every event back for so long.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Sends the response head, and then nothing.</summary>
    public bool NeverFlush { get; init; }

    /// <summary>Ignores Last-Event-ID.</summary>
    public bool ForgetHistory { get; init; }

    /// <summary>Ignores Last-Event-ID too, but says so with a gap event.</summary>
    public bool AnnounceGap { get; init; }

    /// <summary>Refuses every so manieth publishing request with 503.</summary>
    public int RefuseEvery { get; init; }

    /// <summary>Answers streams with a page.</summary>
    public bool Html { get; init; }
}

/// <summary>
/// A small server with the routes of the real one and faults of known size. Every subscriber has its own list of events to send, so
/// that a fault hits every subscriber of a topic alike and its figures can be calculated.
/// </summary>
public sealed class FaultyServer : IAsyncDisposable
{
    private readonly Faults _faults;
    private readonly ConcurrentDictionary<string, Topic> _topics = new();
    private readonly WebApplication _app;
    private int _publishRequests;

    private FaultyServer(Faults faults, int port)
    {
        _faults = faults;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        _app = builder.Build();
        _app.MapGet("/api/notifications", (HttpContext http, string userId) => StreamAsync(http, $"notifications:{userId}"));
        _app.MapGet("/api/stream", (HttpContext http, string topic) => StreamAsync(http, topic));
        _app.MapPost("/api/publish", (Delegate)PublishAsync);
        _app.MapGet("/api/stats", () => Results.Json(new { cluster = new { connections = Open, replicas = new[] { new { workingSetBytes = 100_000_000 }, new { workingSetBytes = 23_000_000 } } } }));
    }

    /// <summary>Its base URL.</summary>
    public Uri Url { get; private set; } = null!;

    /// <summary>Open streams.</summary>
    public int Open => _topics.Values.Sum(topic => topic.Count);

    /// <summary>How often it was asked to publish. A client asks again for a topic only when it has the answer.</summary>
    public int PublishRequests => Volatile.Read(ref _publishRequests);

    /// <summary>The ids with which clients came back, in the order in which they came.</summary>
    public ConcurrentQueue<string> ResumedFrom { get; } = new();

    /// <summary>Starts one.</summary>
    public static async Task<FaultyServer> StartAsync(Faults faults, CancellationToken cancellation, int port = 0)
    {
        var server = new FaultyServer(faults, port);
        await server._app.StartAsync(cancellation);
        var addresses = server._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        server.Url = new Uri(addresses.Addresses.First());
        return server;
    }

    /// <summary>Ends every stream in the middle, as a crash does.</summary>
    public async ValueTask DisposeAsync()
    {
        using var atOnce = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(atOnce.Token);
        await _app.DisposeAsync();
    }

    private async Task StreamAsync(HttpContext http, string name)
    {
        if (_faults.Html)
        {
            http.Response.ContentType = "text/html";
            await http.Response.WriteAsync("<html>Welcome</html>");
            return;
        }
        http.Response.ContentType = "text/event-stream";
        await http.Response.WriteAsync(": hello\nretry: 100\n\n");
        await http.Response.Body.FlushAsync();
        var topic = _topics.GetOrAdd(name, _ => new Topic());
        var subscriber = topic.Subscribe(Resume(http));
        try
        {
            await foreach (var text in subscriber.Reader.ReadAllAsync(http.RequestAborted)) await SendAsync(http, text);
        }
        catch (Exception problem) when (problem is OperationCanceledException or IOException)
        {
            // The client went away.
        }
        finally
        {
            topic.Unsubscribe(subscriber);
        }
    }

    private string? Resume(HttpContext http)
    {
        var id = http.Request.Headers["Last-Event-ID"].ToString();
        if (id.Length == 0) return null;
        ResumedFrom.Enqueue(id);
        if (_faults.AnnounceGap) return "gap";
        return _faults.ForgetHistory ? null : id;
    }

    private async Task SendAsync(HttpContext http, (long Due, string Text) item)
    {
        if (_faults.NeverFlush) return;
        // A timer may fire a little early, and the delay shall be exact from below.
        while (_faults.Delay - Stopwatch.GetElapsedTime(item.Due) is var wait && wait > TimeSpan.Zero)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), http.RequestAborted);
        }
        await http.Response.WriteAsync(item.Text, http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
    }

    private async Task<IResult> PublishAsync(HttpContext http)
    {
        using var body = await JsonDocument.ParseAsync(http.Request.Body);
        var request = Interlocked.Increment(ref _publishRequests);
        if (_faults.RefuseEvery > 0 && request % _faults.RefuseEvery == 0)
        {
            return Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
        }
        var events = body.RootElement.ValueKind == JsonValueKind.Array ? [.. body.RootElement.EnumerateArray()] : new[] { body.RootElement };
        foreach (var one in events) Publish(one.GetProperty("topic").GetString()!, one.GetProperty("data").GetRawText());
        return Results.Ok();
    }

    private void Publish(string name, string data)
    {
        var topic = _topics.GetOrAdd(name, _ => new Topic());
        var number = topic.Append(data, _faults);
        if (_faults.MisrouteEvery > 0 && number % _faults.MisrouteEvery == 0)
        {
            _topics.FirstOrDefault(other => other.Key != name).Value?.Send($"data: {data}\n\n");
        }
    }

    private sealed class Topic
    {
        private readonly Lock _gate = new();
        private readonly List<string> _history = [];
        private readonly List<Channel<(long, string)>> _subscribers = [];
        private string? _held;

        public int Count
        {
            get { lock (_gate) return _subscribers.Count; }
        }

        public Channel<(long, string)> Subscribe(string? lastId)
        {
            var subscriber = Channel.CreateUnbounded<(long, string)>();
            lock (_gate)
            {
                _subscribers.Add(subscriber);
                if (lastId == "gap") subscriber.Writer.TryWrite((0, "event: gap\ndata: {\"topic\":\"t\"}\n\n"));
                else if (lastId is not null)
                {
                    var from = int.Parse(lastId.Split('-')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                    foreach (var text in _history.Skip(from)) subscriber.Writer.TryWrite((0, text));
                }
            }
            return subscriber;
        }

        public void Unsubscribe(Channel<(long, string)> subscriber)
        {
            lock (_gate) _subscribers.Remove(subscriber);
        }

        public int Append(string data, Faults faults)
        {
            lock (_gate)
            {
                var number = _history.Count + 1;
                var text = string.Create(CultureInfo.InvariantCulture, $"id: ab12-{number:x}\ndata: {data}\n\n");
                _history.Add(text);
                if (Hits(faults.LoseEvery, number)) return number;
                if (Hits(faults.SwapEvery, number)) { _held = text; return number; }
                Send(text);
                if (Hits(faults.RepeatEvery, number)) Send(text);
                if (_held is not null) Send(_held);
                _held = null;
                return number;
            }
        }

        public void Send(string text)
        {
            lock (_gate)
            {
                foreach (var subscriber in _subscribers) subscriber.Writer.TryWrite((Stopwatch.GetTimestamp(), text));
            }
        }

        private static bool Hits(int every, int number) => every > 0 && number % every == 0;
    }
}
