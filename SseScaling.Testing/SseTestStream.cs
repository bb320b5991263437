using System.Net.ServerSentEvents;

namespace SseScaling.Testing;

/// <summary>A client's open stream. One reader at a time.</summary>
public sealed class SseTestStream : IAsyncDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly SseParser<string> _parser;
    private readonly IAsyncEnumerator<SseItem<string>> _items;

    private SseTestStream(HttpResponseMessage response, Stream body)
    {
        _response = response;
        _parser = SseParser.Create(body);
        _items = _parser.EnumerateAsync().GetAsyncEnumerator();
    }

    /// <summary>Where the stream stands: what a browser would send back as Last-Event-ID.</summary>
    public string LastEventId => _parser.LastEventId;

    /// <summary>The next event.</summary>
    /// <param name="cancellationToken">Gives up waiting, after which the stream is of no use any more.</param>
    /// <exception cref="EndOfStreamException">The server ended the stream.</exception>
    public async Task<SseItem<string>> NextAsync(CancellationToken cancellationToken = default) =>
        await MovesAsync(cancellationToken) ? _items.Current : throw new EndOfStreamException("The server ended the stream.");

    /// <summary>Waits until the server ends the stream; what still comes is discarded.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task EndedAsync(CancellationToken cancellationToken = default)
    {
        while (await MovesAsync(cancellationToken))
        {
            // Whatever it is.
        }
    }

    /// <summary>Closes the stream as a client does.</summary>
    public async ValueTask DisposeAsync()
    {
        // Ends a read that is under way.
        _response.Dispose();
        try
        {
            await _items.DisposeAsync();
        }
        catch (NotSupportedException)
        {
            // Somebody still waits for the next event, and is told by the closed response.
        }
    }

    private async Task<bool> MovesAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _items.MoveNextAsync().AsTask().WaitAsync(cancellationToken);
        }
        catch (IOException)
        {
            // Cut rather than ended, as by a stop that cannot wait.
            return false;
        }
    }

    internal static async Task<SseTestStream> BeginAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        // Headers are flushed with the first block, which is sent when the stream is live.
        var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        return new SseTestStream(response, body);
    }
}
