using SseScaling.LoadTest.Clients;

namespace SseScaling.LoadTest.FanOut;

/// <summary>The stream of one follower.</summary>
/// <param name="loop">Moves its bytes.</param>
/// <param name="arrivals">Told of every post.</param>
/// <param name="slot">Its place in the loop.</param>
/// <param name="request">The request for its stream.</param>
internal sealed class Follower(SocketLoop loop, Arrivals arrivals, int slot, byte[] request) : IConnection, ISseSink
{
    private HttpStream _http;
    private SseParser _parser;
    private bool _open;
    private int _last;

    /// <inheritdoc />
    public int Slot => slot;

    /// <inheritdoc />
    public void Connected()
    {
        if (!loop.Send(this, request))
            arrivals.Fail("the request could not be sent");
    }

    /// <inheritdoc />
    public void Received(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var body = _http.Next(ref bytes);
            if (!_open && _http.Head is { } head)
            {
                _open = true;
                if (head.IsEventStream)
                    arrivals.Opened();
                else
                    arrivals.Fail($"the server answered {head.Status}");
            }

            if (!_parser.Feed(body, this) || _http.Broken)
                arrivals.Fail("what came is no event stream");
        }

        if (_http.Ended)
            arrivals.Fail("the server ended a stream");
    }

    /// <inheritdoc />
    public void Closed(string? reason) => arrivals.Fail(reason ?? "the server ended a stream");

    /// <inheritdoc />
    public void OnEvent(in SseEvent received) => arrivals.Received(received.Data, loop.ReceivedAt, ref _last);

    /// <inheritdoc />
    public void OnRetry(int milliseconds)
    {
    }

    /// <inheritdoc />
    public void OnComment()
    {
    }
}
