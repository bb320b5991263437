using System.Text;
using Microsoft.Extensions.DependencyInjection;
using SseScaling.Backplane;
using SseScaling.Connections;
using SseScaling.Tests.Backplane;
using SseScaling.Tests.Testing;
using SseScaling.Topics;
using Xunit;

namespace SseScaling.Tests.Model;

public sealed class EarlyStreamTests
{
    [Fact]
    public async Task A_stream_opened_while_the_backplane_is_away_gets_what_is_published_before_its_topic_is_live()
    {
        await using var host = await BackplaneHost.StartAsync(null);
        var backplane = new UnreliableBackplane(host.Backplane);
        await using var services = new ServiceCollection().AddEngine().AddSingleton<IBackplane>(backplane).BuildServiceProvider();
        var registry = services.GetRequiredService<ConnectionRegistry>();
        await registry.StartAsync(TestContext.Current.CancellationToken);

        backplane.Fail();
        var topic = Drafts.NewTopic();
        Assert.True(registry.TryReserve());
        var connection = new ModelConnection(registry, "early");
        services.GetRequiredService<OpenStreams>().Open(connection, StreamPlan.Of([topic]));
        registry.Add(connection);
        var text = new StringBuilder();
        await ReceivedAsync(": connected");

        await host.PublishAsync(Drafts.Numbered(topic, 3));
        backplane.Restore();
        await ReceivedAsync("data: 3");
        Assert.Equal(["data: 1", "data: 2", "data: 3"], text.ToString().Split('\n').Where(line => line.StartsWith("data:", StringComparison.Ordinal)));
        connection.End(SseDisconnectReason.Client);
        await registry.StopAsync(TestContext.Current.CancellationToken);

        Task ReceivedAsync(string part) => Eventually.TrueAsync(
            () => text.Append(Encoding.UTF8.GetString(connection.Take())).ToString().Contains(part, StringComparison.Ordinal), $"'{part}' is received");
    }
}
