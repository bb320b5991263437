using System.Collections.Concurrent;
using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using SseScaling.Tests.Social;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.EndToEnd;

/// <summary>What several replicas, a real Redis and the publisher promise together.</summary>
[Collection(RunningSystem.Name)]
public sealed class ReplicasTests(RunningSystem system)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_event_published_through_one_replica_reaches_the_subscribers_of_every_replica()
    {
        var replicas = await system.ReplicasAsync(RunningSystem.Replicas);
        var topic = Drafts.NewTopic("across");
        var clients = await Task.WhenAll(replicas.Values.Select(http => SseClient.OpenTopicsAsync(http, topic)));

        var ids = new List<string?>();
        foreach (var http in replicas.Values)
            ids.Add(await http.PublishAsync(topic, $"\"{ids.Count}\""));

        foreach (var client in clients)
        {
            Assert.Equal(ids, (await client.TakeAsync(ids.Count)).Select(item => item.EventId));
            await client.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("burst")]
    [InlineData("celebrity")]
    [InlineData("like-storm")]
    [InlineData("ramp")]
    [InlineData("steady")]
    public async Task A_scenario_of_the_publisher_is_started_by_a_command_of_the_dashboard(string scenario)
    {
        var running = await system.App.ResourceNotifications.WaitForResourceHealthyAsync("publisher", Cancellation);

        var result = await system.App.ResourceCommands.ExecuteCommandAsync(running.ResourceId, scenario, Cancellation);

        Assert.True(result.Success, result.Message);
        using var publisher = system.App.CreateHttpClient("publisher");
        Assert.Equal(scenario, (await publisher.JsonAsync("/api/publisher")).GetProperty("scenario").GetString());
    }

    [Fact]
    public async Task The_load_test_is_started_by_one_click_and_reports_when_it_is_stopped()
    {
        await system.ReplicasAsync(RunningSystem.Replicas);
        var idle = await system.App.ResourceNotifications.WaitForResourceAsync(
            "load-test", resource => resource.Snapshot.State?.Text == KnownResourceStates.NotStarted, Cancellation);
        var started = await system.App.ResourceCommands.ExecuteCommandAsync(idle.ResourceId, KnownResourceCommands.StartCommand, Cancellation);
        Assert.True(started.Success, started.Message);
        await system.LineAsync(idle.ResourceId, "^ *[0-9.]+ s +measuring .* in [1-9]", Cancellation);

        await system.App.ResourceCommands.ExecuteCommandAsync(idle.ResourceId, KnownResourceCommands.StopCommand, Cancellation);

        await system.LineAsync(idle.ResourceId, "^lost +0$", Cancellation);
    }

    [Fact]
    public async Task A_client_resumes_at_another_replica()
    {
        var replicas = await system.ReplicasAsync(RunningSystem.Replicas);
        var topic = Drafts.NewTopic("moves");
        string? id = null;
        for (var round = 0; round < RunningSystem.Replicas; round++)
        {
            await using var client = await SseClient.OpenAsync(replicas.Values.ElementAt(round), SseClient.Target(topic), id ?? "0-0");
            await replicas.Values.ElementAt((round + 1) % RunningSystem.Replicas).PublishNumbersAsync(topic, 10 * round, 10);
            var items = await client.TakeAsync(id is null ? 10 : 15);
            Assert.Equal(ApiCalls.Numbers(id is null ? 0 : (10 * round) - 5, items.Count), items.Select(item => item.Data));
            id = items[^6].EventId;
        }
    }

    [Fact]
    public async Task A_plain_publish_from_redis_cli_arrives_unchanged_and_without_an_id_at_every_replica()
    {
        const string Data = """{"type":"like",  "userId":1}""";
        var replicas = await system.ReplicasAsync(RunningSystem.Replicas);
        var user = Drafts.NewTopic("plain");
        var clients = await Task.WhenAll(replicas.Values.Select(http => RawConnection.GetAsync(http.BaseAddress!.Port, $"/api/notifications?userId={user}")));
        foreach (var client in clients)
            await client.ReadUntilAsync("id: 0-0\n\n");

        Assert.Equal($"{RunningSystem.Replicas}", await system.RedisAsync("PUBLISH", $"notifications:{user}", Data));

        foreach (var client in clients)
        {
            Assert.DoesNotContain("id:", await client.ReadUntilAsync($"data: {Data}\n\n"), StringComparison.Ordinal);
            await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task The_publishers_events_arrive_in_order_for_each_topic_through_the_proxy()
    {
        using var http = system.App.CreateHttpClient("api");
        await system.App.ResourceNotifications.WaitForResourceAsync("publisher", KnownResourceStates.Running, Cancellation);
        var topics = Enumerable.Range(1, 20).Select(user => $"notifications:{user}").ToArray();
        var clients = await Task.WhenAll(topics.Select(topic => SseClient.OpenTopicsAsync(http, topic)));

        foreach (var client in clients)
        {
            var items = await client.TakeAsync(4);
            var sequences = items.ConvertAll(item => JsonDocument.Parse(item.Data).RootElement.GetProperty("seq").GetInt32());
            Assert.Equal(Enumerable.Range(sequences[0], sequences.Count), sequences);
            await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task After_an_instance_is_stopped_the_others_go_on_and_its_clients_resume_there()
    {
        var replicas = await system.ReplicasAsync(RunningSystem.Replicas);
        var (stopped, first) = replicas.First();
        var others = replicas.Values.Skip(1).ToList();
        var topic = Drafts.NewTopic("survives");
        await using var leaving = await SseClient.OpenTopicsAsync(first, topic);
        await using var staying = await SseClient.OpenTopicsAsync(others[0], topic);
        await others[0].PublishNumbersAsync(topic, 1, 10);
        await leaving.TakeAsync(10);

        await system.App.ResourceCommands.ExecuteCommandAsync(stopped, KnownResourceCommands.StopCommand, Cancellation);
        await leaving.Ended.WaitAsync(Eventually.Deadline, Cancellation);
        await others[1].PublishNumbersAsync(topic, 11, 10);
        await using var resumed = await SseClient.OpenAsync(others[1], SseClient.Target(topic), leaving.LastEventId);

        Assert.Equal(ApiCalls.Numbers(1, 20), await staying.TakeDataAsync(20));
        Assert.Equal(ApiCalls.Numbers(11, 10), await resumed.TakeDataAsync(10));
        using var proxied = system.App.CreateHttpClient("api");
        await using var through = await SseClient.OpenAsync(proxied, SseClient.Target(topic), "0-0");
        Assert.Equal(ApiCalls.Numbers(1, 20), await through.TakeDataAsync(20));

        await system.App.ResourceCommands.ExecuteCommandAsync(stopped, KnownResourceCommands.StartCommand, Cancellation);
        await system.ReplicasAsync(RunningSystem.Replicas);
    }

    [Fact]
    public async Task Connections_through_the_proxy_are_spread_evenly_over_the_replicas()
    {
        const int Connections = 300;
        await system.ReplicasAsync(RunningSystem.Replicas);
        using var http = system.App.CreateHttpClient("api");
        http.DefaultRequestHeaders.ConnectionClose = true;

        var met = new ConcurrentDictionary<string, int>();
        await Parallel.ForEachAsync(Enumerable.Range(0, Connections), Cancellation, async (_, _) =>
            met.AddOrUpdate((await http.JsonAsync("/api/stats")).GetProperty("replica").GetProperty("instance").GetString()!, 1, (_, count) => count + 1));

        // 100 each are expected, with a standard deviation of 8: 50 is six deviations away.
        Assert.Equal(RunningSystem.Replicas, met.Count);
        Assert.All(met.Values, count => Assert.InRange(count, 50, 150));
    }
}
