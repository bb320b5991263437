using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Xunit;

namespace SseScaling.Tests.Access;

/// <summary>How a client comes to its next right.</summary>
internal enum Renewal
{
    /// <summary>It comes back with a new token.</summary>
    Reconnect,

    /// <summary>It extends its open stream by a new token.</summary>
    Refresh,

    /// <summary>It gets a new cookie, as a page does, and its EventSource comes back with it.</summary>
    Cookie,

    /// <summary>It has no other right than its first.</summary>
    None,
}

/// <summary>A client whose tokens live for seconds, and what it got by which.</summary>
internal sealed class RenewingClient(Issuer issuer, IReadOnlyList<HttpClient> replicas, SemaphoreSlim opening, string topic, Renewal renewal, TimeSpan life)
{
    private readonly List<int> _received = [];
    private string? _lastEventId;
    private string? _cookie;
    private string _token = "";
    private DateTime _expires;
    private int _turn = Random.Shared.Next(replicas.Count);

    /// <summary>The numbers that came, in their order.</summary>
    public IReadOnlyList<int> Received => _received;

    /// <summary>How often it was told that its right ends.</summary>
    public int Reminders { get; private set; }

    /// <summary>How many streams it has opened.</summary>
    public int Streams { get; private set; }

    /// <summary>What came although it was published after the end of the right by which it came.</summary>
    public ConcurrentQueue<string> Late { get; } = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Listens until a number came, or its only right has ended.</summary>
    public async Task RunAsync(int last, TaskCompletionSource live)
    {
        while (_received.LastOrDefault() < last)
        {
            using var response = await OpenNextAsync();
            if (renewal == Renewal.None && response.StatusCode == HttpStatusCode.Unauthorized)
                return;
            Assert.True(
                response.StatusCode == HttpStatusCode.OK,
                $"{renewal} got {response.StatusCode} ({response.Headers.WwwAuthenticate}) {(DateTime.UtcNow - _expires).TotalSeconds} s after the end, stream {Streams}, {Reminders} reminders.");
            await ReadAsync(response, last, live);
        }
    }

    private async Task<HttpResponseMessage> OpenNextAsync()
    {
        await opening.WaitAsync(Cancellation);
        try
        {
            if (Streams == 0)
                await RenewAsync(_turn);
            return await OpenAsync(replicas[++_turn % replicas.Count]);
        }
        finally
        {
            opening.Release();
        }
    }

    private async Task ReadAsync(HttpResponseMessage response, int last, TaskCompletionSource live)
    {
        Streams++;
        await using var body = await response.Content.ReadAsStreamAsync(Cancellation);
        var parser = SseParser.Create(body);
        var items = parser.EnumerateAsync(Cancellation).GetAsyncEnumerator(Cancellation);
        try
        {
            // Its preamble is behind the head: what is published from here on is this stream's.
            live.TrySetResult();
            while (await items.MoveNextAsync())
            {
                if (items.Current.EventType == "reauthenticate")
                    await RemindedAsync(items.Current.Data);
                else
                    Receive(items.Current.Data);
                if (_received.LastOrDefault() >= last)
                    return;
            }
        }
        catch (HttpRequestException)
        {
            // Cut: it comes back.
        }
        finally
        {
            _lastEventId = parser.LastEventId.Length > 0 ? parser.LastEventId : _lastEventId;
            await items.DisposeAsync();
        }
    }

    private void Receive(string data)
    {
        var json = JsonDocument.Parse(data).RootElement;
        _received.Add(json.GetProperty("number").GetInt32());
        if (json.GetProperty("at").GetDateTime() is var published && published > _expires)
            Late.Enqueue($"{data} was published {(published - _expires).TotalMilliseconds:F0} ms after the end ({renewal})");
    }

    private async Task RemindedAsync(string data)
    {
        Reminders++;
        if (renewal == Renewal.None)
            return;
        await RenewAsync(_turn + 1);
        if (renewal != Renewal.Refresh)
            return;
        var id = JsonDocument.Parse(data).RootElement.GetProperty("id").GetString()!;
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/stream/refresh?id={Uri.EscapeDataString(id)}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        using var answer = await replicas[(_turn + 1) % replicas.Count].SendAsync(request, Cancellation);
        // Where it was too late, the stream is opened anew.
        Assert.Contains(answer.StatusCode, (HttpStatusCode[])[HttpStatusCode.OK, HttpStatusCode.NotFound]);
    }

    private async Task RenewAsync(int replica)
    {
        _token = issuer.Token("reader", new Dictionary<string, object> { ["sse_sub"] = (string[])[topic] }, life: life);
        var expires = new Microsoft.IdentityModel.JsonWebTokens.JsonWebToken(_token).ValidTo;
        if (renewal == Renewal.Cookie)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/session");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token);
            using var answer = await replicas[replica % replicas.Count].SendAsync(request, Cancellation);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            _cookie = answer.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        }

        _expires = expires;
    }

    private async Task<HttpResponseMessage> OpenAsync(HttpClient http)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/stream?topic={topic}");
        request.Headers.Add("Accept", "text/event-stream");
        if (_cookie is not null)
            request.Headers.Add("Cookie", _cookie);
        else
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        if (_lastEventId is not null)
            request.Headers.Add("Last-Event-ID", _lastEventId);
        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
    }
}
