using System.Collections.Concurrent;
using System.Text;
using SseScaling.Backplane;
using SseScaling.Hosting;
using SseScaling.Protocol;

namespace SseScaling.Cluster;

/// <summary>
/// What replicas tell and ask each other: events of a topic of their own that are not kept, so that every backplane carries them. At most once, like all live events;
/// who must know that it arrived asks, and every replica answers.
/// </summary>
/// <remarks>
/// An answer bears the name of who asked as its event name: the others pass over it without reading it. A replica's own messages come back to it and are not heeded,
/// since what it tells the others it does itself.
/// </remarks>
internal sealed partial class ControlChannel(
    IBackplane backplane, StreamActions actions, ReplicaDirectory replicas, TimeProvider time, Supervision supervision, ILogger<ControlChannel> log)
    : SupervisedService(supervision), ITopicReceiver
{
    /// <summary>The topic. Nobody outside can publish or subscribe what begins like it.</summary>
    public const string Topic = ReservedTopics.Prefix + "control";

    /// <summary>The most streams that one replica lists.</summary>
    private const int MaxListed = 10_000;

    // 100 KB or so: small enough not to hold up the live events on the same connection.
    private const int ListedPerMessage = 500;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<long, ControlQuestion> _questions = new();
    private long _lastQuestion;
    private bool _isSubscribed;

    /// <summary>Tells all other replicas; it may not arrive.</summary>
    /// <exception cref="SseUnavailableException">The backplane is away.</exception>
    public Task TellAsync(ControlMessage message, CancellationToken cancellationToken = default) => PublishAsync(message, addressee: null, cancellationToken);

    /// <summary>Asks all other replicas, and does the same here; returns what was answered once every live one has, or after two seconds.</summary>
    /// <exception cref="SseUnavailableException">The backplane is away.</exception>
    public async Task<ControlQuestion> AskAsync(ControlMessage message, CancellationToken cancellationToken)
    {
        // Asked for anew: one that has just started has streams already.
        var expected = await replicas.AskAsync(cancellationToken);
        var number = Interlocked.Increment(ref _lastQuestion);
        var question = new ControlQuestion(expected.Select(replica => replica.Instance));
        _questions[number] = question;
        try
        {
            await PublishAsync(message with { Question = number }, addressee: null, cancellationToken);
            var answered = Task.WhenAll(question.WhenAnswered, AnswerAsync(message, answer =>
            {
                question.Add(answer);
                return Task.CompletedTask;
            }));
            await answered.WaitAsync(Patience, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // The question says who is missing.
        }
        finally
        {
            _questions.TryRemove(number, out _);
        }

        return question;
    }

    /// <inheritdoc/>
    public void Receive(ReadOnlyMemory<byte> message)
    {
        var envelope = EventEnvelope.Parse(message);
        if (envelope.EventName.Length > 0 && Encoding.UTF8.GetString(envelope.EventName.Span) != replicas.Own)
            return;

        // What it says may write to sockets and take locks: not on the reader of the backplane's connection.
        ThreadPool.UnsafeQueueUserWorkItem(static s => _ = s.Channel.HandleAsync(s.Data), (Channel: this, envelope.Data), preferLocal: false);
    }

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        if (!_isSubscribed)
            await backplane.SubscribeAsync(Topic, this, stoppingToken);
        _isSubscribed = true;
        replicas.Hears();
        Worked(Timeout.InfiniteTimeSpan);
        await Task.Delay(Timeout.Infinite, stoppingToken);
    }

    private async Task HandleAsync(ReadOnlyMemory<byte> data)
    {
        try
        {
            if (ControlMessage.Read(data.Span) is not { } message || message.From == replicas.Own)
                return;
            if (message.Kind != ControlKind.Answer)
                await AnswerAsync(message, answer => message.Question == 0 ? Task.CompletedTask : PublishAsync(answer, message.From, CancellationToken.None));
            else if (_questions.TryGetValue(message.Question, out var question))
                question.Add(message);
        }
        catch (SseUnavailableException)
        {
            // Who asked does not get the answer in time, and says so.
        }
        catch (Exception e)
        {
            LogFailed(e);
        }
    }

    /// <summary>Does what a message says and gives the answer away, in parts where it is long.</summary>
    private async Task AnswerAsync(ControlMessage message, Func<ControlMessage, Task> give)
    {
        var meant = await actions.DoAsync(message);
        var answer = new ControlMessage(replicas.Own, ControlKind.Answer) { Question = message.Question, Count = meant.Count };
        if (message.Kind == ControlKind.AskRight && meant is [var one])
            answer = answer with { User = one.Connection.Right?.User, Topics = one.AskedTopics };
        if (message.Kind != ControlKind.List || meant.Count == 0)
        {
            await give(answer);
            return;
        }

        foreach (var part in meant.Take(MaxListed).Chunk(ListedPerMessage))
            await give(answer with { Count = Math.Min(meant.Count, MaxListed), Connections = Array.ConvertAll(part, actions.Describe) });
    }

    private async Task PublishAsync(ControlMessage message, string? addressee, CancellationToken cancellationToken) =>
        await backplane.PublishAsync([new SseEvent(Topic, message.Write()) { Type = addressee, Durable = false }], cancellationToken);

    [LoggerMessage(21, LogLevel.Error, "[SSE] What another replica asked for could not be done")]
    private partial void LogFailed(Exception failure);
}
