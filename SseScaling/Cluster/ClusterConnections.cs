using System.Security.Claims;
using SseScaling.Authorization;
using SseScaling.Connections;
using SseScaling.Protocol;
using SseScaling.Topics;

namespace SseScaling.Cluster;

/// <summary>The open streams of all replicas: asks them where it must, and the register and the reports where those know.</summary>
internal sealed class ClusterConnections(
    ControlChannel control, StreamActions actions, ReplicaDirectory replicas, ReplicaFigures figures, ConnectionRegistry connections, OpenStreams streams,
    IStreamRegister register, StreamTracker tracker, Revocations revocations, TimeProvider time)
    : ISseConnections
{
    // A stream whose topic is not live yet follows later; whoever made the change is not kept waiting for it.
    private static readonly TimeSpan RefreshPatience = TimeSpan.FromSeconds(1);

    public int Count => connections.Count;

    public SseReplica Replica => figures.Take();

    public IReadOnlyList<SseReplica> Replicas => replicas.Now();

    public async Task<IReadOnlyList<SseConnection>> ListAsync(SseTarget target, CancellationToken cancellationToken = default)
    {
        var question = await control.AskAsync(Message(ControlKind.List, target), cancellationToken);
        return [.. question.Answers.SelectMany(answer => answer.Connections ?? []).OrderBy(connection => connection.ConnectedAt)];
    }

    public async Task<int> CountAsync(SseTarget target, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (target.Kind == TargetKind.User && tracker.IsTracking)
            return streams.CountOf(target.Value) + await register.CountElsewhereAsync(target.Value, cancellationToken);
        var question = await control.AskAsync(Message(ControlKind.Count, target), cancellationToken);
        return question.Answers.Sum(answer => answer.Count);
    }

    public async Task<int> CountUsersAsync(CancellationToken cancellationToken = default) =>
        streams.UserCount + (await replicas.KnownAsync(cancellationToken)).Where(replica => replica.Instance != replicas.Own).Sum(replica => replica.Users);

    public Task DisconnectAsync(SseTarget target, bool forGood = false, CancellationToken cancellationToken = default) =>
        ConfirmAsync(Message(ControlKind.End, target) with { Reason = SseDisconnectReason.Ended, ForGood = forGood }, cancellationToken);

    public async Task RevokeAsync(SseTarget target, DateTimeOffset? issuedBefore = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (target.Kind is not (TargetKind.User or TargetKind.Token))
            throw new ArgumentException("A user has rights, and a token: revoke those of SseTarget.User or SseTarget.Token.", nameof(target));
        var before = issuedBefore ?? time.GetUtcNow();
        await revocations.AddAsync(target, before, cancellationToken);
        await ConfirmAsync(
            Message(ControlKind.End, target) with { Reason = SseDisconnectReason.Revoked, ForGood = true, IssuedBeforeMs = Math.Max(1, before.ToUnixTimeMilliseconds()) }, cancellationToken);
    }

    public bool IsRevoked(ClaimsPrincipal user)
    {
        ArgumentNullException.ThrowIfNull(user);
        return revocations.Includes(TopicRights.Of(user, null, time));
    }

    public Task JoinAsync(SseTarget target, string topic, CancellationToken cancellationToken = default) =>
        ConfirmAsync(Message(ControlKind.Join, target) with { Topic = Checked(topic) }, cancellationToken);

    public Task LeaveAsync(SseTarget target, string topic, CancellationToken cancellationToken = default) =>
        ConfirmAsync(Message(ControlKind.Leave, target) with { Topic = Checked(topic) }, cancellationToken);

    public async Task RefreshAsync(SseTarget target, CancellationToken cancellationToken = default)
    {
        var message = Message(ControlKind.Refresh, target);
        await control.TellAsync(message, cancellationToken);
        try
        {
            await actions.DoAsync(message).WaitAsync(RefreshPatience, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // They follow in their time.
        }
    }

    private async Task ConfirmAsync(ControlMessage message, CancellationToken cancellationToken)
    {
        var question = await control.AskAsync(message, cancellationToken);
        if (question.Missing is { } replica)
            throw new SseUnavailableException($"The replica {replica} has not confirmed: it may be gone, or not have heard of it. Repeat the call.");
    }

    private ControlMessage Message(ControlKind kind, SseTarget target)
    {
        ArgumentNullException.ThrowIfNull(target);
        return new ControlMessage(replicas.Own, kind, target.ToString());
    }

    private static string Checked(string topic) =>
        TopicName.Problem(topic) is { } problem ? throw new ArgumentException(problem, nameof(topic)) : topic;
}
