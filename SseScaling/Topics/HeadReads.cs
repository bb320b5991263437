using SseScaling.Backplane;
using SseScaling.Protocol;

namespace SseScaling.Topics;

/// <summary>Reads the heads of newly subscribed topics, all that wait in one round trip: 5,000 first subscribers cost tens of reads, not 5,000.</summary>
/// <param name="backplane">Where to read.</param>
/// <param name="found">Told each topic's head.</param>
/// <param name="failed">Told what no outage explains, with a topic; it is tried again all the same, for the others must not wait for ever.</param>
/// <param name="stopped">Ends the reading.</param>
internal sealed class HeadReads(IBackplane backplane, Action<Topic, EventPosition> found, Action<Exception, string> failed, CancellationToken stopped)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private List<Topic> _waiting = [];
    private bool _isReading;

    public void Add(Topic topic)
    {
        lock (_gate)
        {
            _waiting.Add(topic);
            if (_isReading)
                return;
            _isReading = true;
        }

        _ = ReadAsync();
    }

    private async Task ReadAsync()
    {
        while (Take() is { } topics)
        {
            while (!stopped.IsCancellationRequested)
            {
                try
                {
                    var heads = await backplane.ReadHeadsAsync(topics.ConvertAll(t => t.Name), stopped);
                    for (var i = 0; i < topics.Count; i++)
                        found(topics[i], heads[i]);
                    break;
                }
                catch (Exception e) when (!stopped.IsCancellationRequested)
                {
                    var outage = e as SseUnavailableException;
                    if (outage is null)
                        failed(e, topics[0].Name);
                    await Task.Delay(outage?.RetryAfter ?? RetryAfter, stopped).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }
        }
    }

    private List<Topic>? Take()
    {
        lock (_gate)
        {
            if (_waiting.Count == 0)
            {
                _isReading = false;
                return null;
            }

            var taken = _waiting;
            _waiting = [];
            return taken;
        }
    }
}
