using System.Net.Sockets;
using SseScaling.LoadTest.Clients;
using SseScaling.LoadTest.Options;

namespace SseScaling.LoadTest.Load;

/// <summary>Makes the publishers that a run asks for: one per connection.</summary>
internal static class PublisherFactory
{
    /// <summary>The publishers, not started yet.</summary>
    /// <exception cref="UsageException">Redis cannot be reached. (That the API can was seen before.)</exception>
    public static async Task<IReadOnlyList<LoadPublisher>> CreateAsync(RunOptions options, IReadOnlyList<Target> targets, byte[] run, CancellationToken cancellation)
    {
        EventWriter Writer() => new(run, options.Size, options.Durable);
        if (options.Publish == PublishVia.Redis)
        {
            var address = RedisAddress.Parse(options.Redis!);
            var endPoint = await Targets.ResolveAsync(address.Host, address.Port, "Redis", cancellation);
            await CheckAsync(endPoint, cancellation);
            // One connection, pipelined, is as fast as Redis itself, and keeps the order of every topic.
            return [new RedisPublisher("publish-redis", endPoint, address, Writer())];
        }
        return [.. Enumerable.Range(0, options.Publishers).Select(i =>
        {
            var target = targets[i % targets.Count];
            return new ApiPublisher($"publish-{i}", target.EndPoint, StreamRequest.PublishHead(options, target), Writer());
        })];
    }

    private static async Task CheckAsync(System.Net.IPEndPoint redis, CancellationToken cancellation)
    {
        try
        {
            using var socket = new Socket(redis.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(redis, cancellation);
        }
        catch (SocketException problem)
        {
            throw new UsageException($"Redis at {redis} cannot be reached: {problem.Message}.");
        }
    }
}
