using Microsoft.Extensions.Options;

namespace SseScaling.Redis;

/// <summary>Asks Redis for the work rather than for an answer: a read-only, full or forbidding server answers each ping. The watchdog's thread.</summary>
/// <remarks>
/// A durable event on a topic of the library's own, to which nobody listens: the same script, rights and kinds of keys as any other. A full
/// server refuses the second of these, which takes memory, as it would refuse the others. 30 us of the server's time in ten seconds of each process.
/// </remarks>
internal sealed class RedisProbe(RedisLink link, IOptions<SseOptions> options, TimeProvider time)
{
    /// <summary>Reserved by <see cref="SseScaling.Protocol.TopicName"/>: no client can publish or listen to it.</summary>
    private const string Topic = "sse:probe";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly PublishCommand _command = new(options.Value.History, time);
    private readonly SseEvent[] _event = [new SseEvent(Topic, "0"u8.ToArray())];
    private long _askedAt;
    private bool _wasAsked;

    /// <summary>Asks when it is time to: each ten seconds, and at each call while Redis refuses.</summary>
    public async Task AskAsync(CancellationToken cancellationToken)
    {
        if (_wasAsked && link.Refusal is null && time.GetElapsedTime(_askedAt) < Interval)
            return;
        (_wasAsked, _askedAt) = (true, time.GetTimestamp());
        try
        {
            var answers = (StackExchange.Redis.RedisValue[]?)await link.AskAsync(
                database => _command.SendAsync(database, _event, 0, 1, _command.Stamp(), byText: false), cancellationToken) ?? [];
            PublishCommand.Read(answers[0]);
            link.Accept();
        }
        catch (SseUnavailableException exception)
        {
            // Said, where it is a refusal; what else there is, the ping finds.
            link.Unavailable(exception);
        }
    }
}
