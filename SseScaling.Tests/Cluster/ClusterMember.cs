using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SseScaling.Cluster;
using SseScaling.Connections;
using SseScaling.Tests.Model;
using SseScaling.Tests.Testing;
using SseScaling.Topics;
using Xunit;

namespace SseScaling.Tests.Cluster;

/// <summary>A replica in this process that has no clients but the test's: whatever it does to streams of the others goes through the backplane.</summary>
internal sealed class ClusterMember : IAsyncDisposable
{
    private readonly IHost _host;

    private ClusterMember(IHost host) => _host = host;

    public ISseConnections Connections => _host.Services.GetRequiredService<ISseConnections>();

    /// <summary>Starts it; returns when it knows as many replicas as there are, itself included.</summary>
    /// <param name="redis">The cluster's Redis; null: it is alone.</param>
    /// <param name="replicas">How many.</param>
    /// <param name="settings">Its configuration.</param>
    public static async Task<ClusterMember> StartAsync(RedisServer? redis, int replicas, params (string Name, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(settings.Select(pair => KeyValuePair.Create(pair.Name, (string?)pair.Value)));
        builder.Configuration["ConnectionStrings:redis"] = redis?.ConnectionString;
        var sse = builder.Services.AddSse();
        if (redis is not null)
            sse.AddRedis("redis");
        var member = new ClusterMember(builder.Build());
        await member._host.StartAsync(TestContext.Current.CancellationToken);
        await member.KnowsAsync(replicas);
        return member;
    }

    /// <summary>Waits until it knows so many live replicas.</summary>
    public Task KnowsAsync(int replicas) => Eventually.TrueAsync(
        () => _host.Services.GetRequiredService<ReplicaDirectory>().Live?.Count == replicas, $"{replicas} replicas are alive");

    /// <summary>Opens a stream that the test itself holds.</summary>
    public OpenStream Open(string user, StreamPlan plan, StreamPlanReader? reader = null)
    {
        var connections = _host.Services.GetRequiredService<ConnectionRegistry>();
        Assert.True(connections.TryReserve());
        var stream = _host.Services.GetRequiredService<OpenStreams>().Open(new ModelConnection(connections, user, user), plan, reader);
        connections.Add(stream.Connection);
        _host.Services.GetRequiredService<StreamTracker>().Enter(stream.Connection);
        return stream;
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
    }
}
