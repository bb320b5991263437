using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;
using SseScaling.Authorization;
using SseScaling.Cluster;
using SseScaling.Connections;

namespace SseScaling.Endpoints;

/// <summary>The handler behind <c>POST {stream}/refresh?id=…</c>: an open stream goes on by the right that this request has.</summary>
/// <remarks>The stream may be another replica's. Its user must be the same; the topics that its client asked for are looked at anew.</remarks>
internal sealed class RefreshEndpoint(TopicRights rights, ControlChannel control, ReplicaDirectory replicas, IOptions<SseOptions> options, TimeProvider time)
{
    public async Task<IResult> ServeAsync(HttpContext context, string? id)
    {
        var right = rights.Of(context);
        var problem = right is null ? RightProblem.Anonymous : await rights.CheckAsync(context, right, [], SseOperations.Subscribe);
        if (await RightRefusal.OfAsync(context, problem, SseOperations.Subscribe, options.Value) is { } refused)
            return refused;
        if (string.IsNullOrEmpty(id))
            return Problems.BadRequest("The parameter id is missing: it is the one that the stream's event reauthenticate has told.");
        try
        {
            return await RenewAsync(context, right!, SseTarget.Connection(id).ToString());
        }
        catch (SseUnavailableException e)
        {
            return Problems.Unavailable(context, e.Message, e.RetryAfter);
        }
    }

    private async Task<IResult> RenewAsync(HttpContext context, StreamRight right, string target)
    {
        var asked = await control.AskAsync(new ControlMessage(replicas.Own, ControlKind.AskRight, target), context.RequestAborted);
        if (asked.Answers.FirstOrDefault(answer => answer.Count > 0) is not { } stream)
            return Problems.NotFound("No stream with this id is open: open one, with the last event id of yours.");
        if (stream.User is null || stream.User != right.User)
            return Problems.Forbidden("The stream is another user's.");
        var revoked = new List<string>();
        foreach (var topic in stream.Topics ?? [])
        {
            if (await rights.FindForbiddenAsync(context, [topic], SseOperations.Subscribe) is not null)
                revoked.Add(topic);
        }

        var done = await control.AskAsync(
            new ControlMessage(replicas.Own, ControlKind.Renew, target)
            {
                User = right.User,
                TokenId = right.TokenId,
                IssuedAt = right.IssuedAt,
                ExpiresAt = right.ExpiresAt,
                Topics = revoked,
            },
            context.RequestAborted);
        return done.Answers.Any(answer => answer.Count > 0)
            ? TypedResults.Json(new RefreshAnswer(right.ExpiresAt is { } end ? (long)(end - time.GetUtcNow()).TotalSeconds : null, revoked), RefreshJson.Default.RefreshAnswer)
            : Problems.NotFound("The stream has ended meanwhile: open one, with the last event id of yours.");
    }
}

/// <summary>What became of a stream whose right was to be extended.</summary>
/// <param name="TokenLifetimeSeconds">How long the new right lasts; null: for good.</param>
/// <param name="Revoked">The topics to which the new right gives no access: the stream goes on without them.</param>
internal sealed record RefreshAnswer(long? TokenLifetimeSeconds, IReadOnlyList<string> Revoked);

/// <summary>How it is written, without reflection.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(RefreshAnswer))]
internal sealed partial class RefreshJson : JsonSerializerContext;
