using SseScaling.LoadTest.Clients;

namespace SseScaling.LoadTest.FanOut;

/// <summary>The stream of one follower.</summary>
/// <param name="loop">Moves its bytes.</param>
/// <param name="deliveries">Told of every post.</param>
/// <param name="slot">Its place in the loop.</param>
/// <param name="request">The request for its stream.</param>
internal sealed class Follower(SocketLoop loop, DeliveryTracker deliveries, int slot, byte[] request) : IConnection, ISseSink
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
            deliveries.Fail("the request could not be sent");
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
                    deliveries.Opened();
                else
                    deliveries.Fail($"the server answered {head.Status}");
            }

            if (!_parser.Feed(body, this) || _http.Broken)
                deliveries.Fail("what came is no event stream");
        }

        if (_http.Ended)
            deliveries.Fail("the server ended a stream");
    }

    /// <inheritdoc />
    public void Closed(string? reason) => deliveries.Fail(reason ?? "the server ended a stream");

    /// <inheritdoc />
    public void OnEvent(in ReceivedEvent received) => deliveries.Received(received.Data, loop.ReceivedAt, ref _last);

    /// <inheritdoc />
    public void OnRetry(int milliseconds)
    {
    }

    /// <inheritdoc />
    public void OnComment()
    {
    }
}
