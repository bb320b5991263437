using System.Net.Sockets;
using SseScaling.LoadTest.Clients;
using SseScaling.LoadTest.Options;

namespace SseScaling.LoadTest.Load;

/// <summary>Makes the publishing connections that a run asks for.</summary>
internal static class Lanes
{
    /// <summary>The lanes, not started yet.</summary>
    /// <exception cref="UsageException">Redis cannot be reached. (That the API can was seen before.)</exception>
    public static async Task<IReadOnlyList<PublishLane>> CreateAsync(RunOptions options, IReadOnlyList<Target> targets, byte[] run, CancellationToken cancellation)
    {
        EventWriter Writer() => new(run, options.Size, options.Durable);
        if (options.Publish == PublishVia.Redis)
        {
            var address = RedisAddress.Parse(options.Redis!);
            var endPoint = await Targets.ResolveAsync(address.Host, address.Port, "Redis", cancellation);
            await CheckAsync(endPoint, cancellation);
            // One connection, pipelined, is as fast as Redis itself, and keeps the order of every topic.
            return [new RedisLane("publish-redis", endPoint, address, Writer())];
        }
        return [.. Enumerable.Range(0, options.Publishers).Select(i =>
        {
            var target = targets[i % targets.Count];
            return new ApiLane($"publish-{i}", target.EndPoint, StreamRequest.PublishHead(options, target), Writer());
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
