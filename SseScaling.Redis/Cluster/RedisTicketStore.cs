using SseScaling.Authorization;

namespace SseScaling.Redis;

/// <summary>The tickets of the cluster that can be used: a key each, which Redis forgets by its own clock.</summary>
internal sealed class RedisTicketStore(RedisLink link) : ITicketStore
{
    public Task AddAsync(string id, TimeSpan life, CancellationToken cancellationToken) =>
        link.AskAsync(database => database.StringSetAsync(RedisKeys.Ticket(id), "", life), cancellationToken);

    // An answer that was lost on its way leaves the ticket used up: never used twice.
    public Task<bool> TakeAsync(string id, CancellationToken cancellationToken) =>
        link.AskAsync(database => database.KeyDeleteAsync(RedisKeys.Ticket(id)), cancellationToken);
}
