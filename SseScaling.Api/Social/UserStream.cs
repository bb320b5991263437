using SseScaling.Api.Http;
using SseScaling.Connections;
using SseScaling.Topics;

namespace SseScaling.Api.Social;

/// <summary>One open stream of a user, and the one loop that has it follow the user's wishes.</summary>
internal sealed class UserStream(UserStreams streams, TopicHub hub, UserPlans plans, Connection connection, StreamRequest request)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _running;
    private bool _again;

    public Connection Connection => connection;

    /// <summary>Reads what the user wants and has the stream follow it, beginning it the first time. Never fails; completes when done.</summary>
    public Task RefreshAsync()
    {
        TaskCompletionSource done;
        lock (_gate)
        {
            if (_running is { } running)
            {
                _again = true;
                return running.Task;
            }

            _running = done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        _ = RunAsync(done);
        return done.Task;
    }

    private async Task RunAsync(TaskCompletionSource done)
    {
        do
        {
            try
            {
                await FollowAsync();
            }
            catch (Exception)
            {
                // A stream that nobody subscribed would be silent: the client comes back and starts over.
                connection.End(SseDisconnectReason.Error);
            }
        }
        while (MustRunAgain());
        done.SetResult();
    }

    private bool MustRunAgain()
    {
        lock (_gate)
        {
            if (!_again || connection.IsEnded)
                _running = null;
            _again = false;
            return _running is not null;
        }
    }

    private async Task FollowAsync()
    {
        StreamPlan plan;
        try
        {
            plan = await plans.ReadAsync(request, isOpen: connection.Subscriptions is not null);
        }
        catch (SseUnavailableException)
        {
            // Looked at again; until then the stream goes on as it was, or as its client asked for.
            streams.Missed(request.User!);
            if (connection.Subscriptions is not null)
                return;
            plan = plans.Plain(request);
        }

        if (connection.Subscriptions is null)
            hub.Subscribe(connection, plan);
        else if (!connection.IsEnding)
            await hub.ChangeAsync(connection, plan);
    }
}
