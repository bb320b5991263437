using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Connections;

/// <summary>Fills what the kernel holds for a client that does not read, until something waits in the replica.</summary>
internal static class SlowConsumers
{
    // The kernel takes some MiB for a connection before the replica notices anything.
    private const int MaxEvents = 2_000;

    private static readonly string Data = ApiCalls.Quote(new string('x', 32 << 10));

    public static async Task PublishUntilQueuedAsync(ApiProcess api, string topic)
    {
        var before = await EventsInAsync(api);
        for (var i = 1; i <= MaxEvents; i++)
        {
            await api.Http.PublishAsync(topic, Data);

            // On a busy machine publishing outruns delivery: what then comes at once would exceed the client's bound.
            var arrived = before + i;
            await Eventually.TrueAsync(async () => await EventsInAsync(api) >= arrived, "the event is delivered, or waits");
            if (await IsStuckAsync(api))
                return;
        }

        Assert.Fail($"Nothing waits for the client:\n{string.Join('\n', api.Output.TakeLast(5))}");
    }

    /// <summary>Publishes until a reason stands in the log, at the pace of a client that reads. Returns how many events that client got.</summary>
    public static async Task<int> PublishUntilLoggedAsync(ApiProcess api, string topic, string reason, SseClient reading)
    {
        for (var i = 1; i <= MaxEvents; i++)
        {
            var id = await api.Http.PublishAsync(topic, Data);
            Assert.Equal(id, (await reading.NextAsync()).EventId);
            if (api.Count(reason) > 0)
                return i;
        }

        Assert.Fail($"'{reason}' is not logged.");
        return 0;
    }

    private static async Task<long> EventsInAsync(ApiProcess api) => (await api.Http.StatsAsync()).GetProperty("eventsIn").GetInt64();

    // What is just on its way to a client that reads is gone a moment later.
    private static async Task<bool> IsStuckAsync(ApiProcess api)
    {
        for (var i = 0; i < 10; i++)
        {
            if ((await api.Http.StatsAsync()).GetProperty("queueBytes").GetInt64() == 0)
                return false;
        }

        return true;
    }
}
