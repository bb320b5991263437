using System.Threading.Channels;
using SseScaling.Hosting;

namespace SseScaling.Api.Social;

/// <summary>Posts that wait to be fanned out in the background.</summary>
internal interface IFanOutQueue
{
    /// <summary>Adds a post; once this returns it is fanned out, also where this replica ends before.</summary>
    /// <exception cref="SseUnavailableException">The queue is away; the post was not taken.</exception>
    Task AddAsync(Post post, Audience audience);
}

/// <summary>The queue of one process without Redis: what waits is lost with the process, as its whole history is.</summary>
internal sealed class MemoryFanOutQueue(FanOut fanOut, Supervision supervision) : SupervisedService(supervision), IFanOutQueue
{
    private readonly Channel<(Post Post, Audience Audience, string? Trace)> _posts = Channel.CreateBounded<(Post, Audience, string?)>(10_000);

    public Task AddAsync(Post post, Audience audience) => _posts.Writer.TryWrite((post, audience, FanOutSpans.Current))
        ? Task.CompletedTask
        : throw new SseUnavailableException("Too many posts wait to be fanned out.");

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            Worked(Timeout.InfiniteTimeSpan);
            var (post, audience, trace) = await _posts.Reader.ReadAsync(stoppingToken);
            Worked();
            using var span = FanOutSpans.Start(trace);
            var recipients = await fanOut.RunAsync(post, audience, null, ProgressAsync, stoppingToken);
            span?.SetTag("sse.recipients", recipients);
        }
    }

    private Task ProgressAsync(string last, int recipients)
    {
        Worked();
        return Task.CompletedTask;
    }
}
