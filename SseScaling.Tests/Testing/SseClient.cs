using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Threading.Channels;
using Xunit;

namespace SseScaling.Tests.Testing;

/// <summary>A subscriber that .NET's own parser reads for. It keeps what arrives until the test takes it, in order.</summary>
public sealed class SseClient : IAsyncDisposable
{
    // Every stream on a connection of its own, as most browsers' are: one that has served before stays with the web server.
    private static readonly HttpClient Plaintext = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero }) { Timeout = Eventually.Deadline };

    private readonly Channel<SseItem<string>> _items = Channel.CreateUnbounded<SseItem<string>>();
    private readonly CancellationTokenSource _dropped = new();
    private readonly HttpResponseMessage _response;
    private readonly SseParser<string> _parser;
    private readonly Task _reading;

    private SseClient(HttpResponseMessage response, Stream body)
    {
        _response = response;
        _parser = SseParser.Create(body);
        _reading = ReadAsync();
    }

    public HttpResponseMessage Response => _response;

    /// <summary>The last id that the stream named, in a block with data or without.</summary>
    public string LastEventId => _parser.LastEventId;

    /// <summary>The reconnect delay that the stream named last.</summary>
    public TimeSpan Retry => _parser.ReconnectionInterval;

    /// <summary>How many events were received and not taken yet.</summary>
    public int Waiting => _items.Reader.Count;

    /// <summary>Completes when the server ended the stream.</summary>
    public Task Ended => _reading;

    /// <summary>Opens a stream; returns when the response's head is there, so that nothing published later is missed.</summary>
    public static async Task<SseClient> OpenAsync(HttpClient http, string target, string? lastEventId = null, Version? version = null, string? token = null)
    {
        var url = new Uri(http.BaseAddress!, target);
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (url.Scheme == Uri.UriSchemeHttp && version is null)
            http = Plaintext;
        if (version is not null)
            (request.Version, request.VersionPolicy) = (version, HttpVersionPolicy.RequestVersionExact);
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (lastEventId is not null)
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        if (!response.IsSuccessStatusCode)
            Assert.Fail($"{target} got {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}");
        return new SseClient(response, await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
    }

    public static Task<SseClient> OpenTopicsAsync(HttpClient http, params string[] topics) => OpenAsync(http, Target(topics));

    /// <summary>The target of a stream of some topics.</summary>
    public static string Target(params string[] topics) => "/api/stream?" + string.Join('&', topics.Select(topic => "topic=" + Uri.EscapeDataString(topic)));

    public async Task<SseItem<string>> NextAsync() =>
        await _items.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Eventually.Deadline, TestContext.Current.CancellationToken);

    public async Task<List<SseItem<string>>> TakeAsync(int count)
    {
        var taken = new List<SseItem<string>>(count);
        while (taken.Count < count)
            taken.Add(await NextAsync());
        return taken;
    }

    public async Task<List<string>> TakeDataAsync(int count) => [.. (await TakeAsync(count)).Select(item => item.Data)];

    /// <summary>Takes all up to the first one with this data, which is the last of the result.</summary>
    public async Task<List<SseItem<string>>> TakeUntilAsync(string data)
    {
        var taken = new List<SseItem<string>>();
        do
            taken.Add(await NextAsync());
        while (taken[^1].Data != data);
        return taken;
    }

    /// <summary>
    /// Waits until the stream has named its position: what is published from now on is delivered live. A stream whose topic takes longer to
    /// subscribe, on a busy machine, begins before that.
    /// </summary>
    public Task LiveAsync() => Eventually.TrueAsync(() => LastEventId.Length > 0, "the stream names its position");

    /// <summary>Drops the connection without a word.</summary>
    public async ValueTask DisposeAsync()
    {
        await _dropped.CancelAsync();
        await _reading;
        _response.Dispose();
        _dropped.Dispose();
    }

    private async Task ReadAsync()
    {
        try
        {
            await foreach (var item in _parser.EnumerateAsync(_dropped.Token))
                _items.Writer.TryWrite(item);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or HttpRequestException)
        {
            // Dropped by the test, or cut by the server.
        }

        _items.Writer.TryComplete();
    }
}
