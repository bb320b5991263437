using System.Text.RegularExpressions;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using SseScaling.Tests.AppHost;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.EndToEnd;

/// <summary>Redis as a process of the AppHost: what Aspire's container gives to those who refer to it, it gives as well.</summary>
[Collection(RunningSystem.Name)]
public sealed partial class RedisResourceTests(RunningSystem system)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_replica_gets_the_connection_string_and_its_parts()
    {
        var connection = await system.App.GetConnectionStringAsync("redis", Cancellation);
        var (port, password) = Parts(connection);

        var replica = await system.App.ResourceNotifications.WaitForResourceAsync(
            "api", change => change.Snapshot.State?.Text == KnownResourceStates.Running, Cancellation);
        var variables = replica.Snapshot.EnvironmentVariables.ToDictionary(variable => variable.Name, variable => variable.Value);

        Assert.Equal(connection, variables["ConnectionStrings__redis"]);
        Assert.Equal("localhost", variables["REDIS_HOST"]);
        Assert.Equal(port, variables["REDIS_PORT"]);
        Assert.Equal(password, variables["REDIS_PASSWORD"]);
        Assert.Equal($"redis://:{password}@localhost:{port}", variables["REDIS_URI"]);
    }

    [Fact]
    public async Task The_password_is_asked_for_and_stands_on_no_command_line()
    {
        var (port, password) = Parts(await system.App.GetConnectionStringAsync("redis", Cancellation));
        await system.App.ResourceNotifications.WaitForResourceHealthyAsync("redis", Cancellation);

        await using var stranger = Tool.Start("redis-cli", "/", "-p", port, "PING");
        await stranger.LinesAsync(line => line.StartsWith("NOAUTH", StringComparison.Ordinal), 1);

        Assert.DoesNotContain(Processes.All().Select(Processes.CommandLine), line => line.Contains(password, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stopped_server_is_started_again_at_the_same_address_and_everything_goes_on()
    {
        var replicas = await system.ReplicasAsync(RunningSystem.Replicas);
        var before = await system.App.GetConnectionStringAsync("redis", Cancellation);
        var topic = Drafts.NewTopic("redis-restart");
        await using var client = await SseClient.OpenTopicsAsync(replicas.Values.First(), topic);

        await CommandAsync(KnownResourceCommands.StopCommand);
        foreach (var http in replicas.Values)
            await Eventually.TrueAsync(async () => !await http.IsHealthyAsync(), "a replica says that Redis is away");
        await CommandAsync(KnownResourceCommands.StartCommand);
        foreach (var http in replicas.Values)
            await Eventually.TrueAsync(http.IsHealthyAsync, "a replica is healthy again");

        Assert.Equal(before, await system.App.GetConnectionStringAsync("redis", Cancellation));
        await replicas.Values.Last().PublishAsync(topic, "\"again\"");
        Assert.Equal("\"again\"", (await client.TakeUntilAsync("\"again\""))[^1].Data);
    }

    private async Task CommandAsync(string command)
    {
        var redis = await system.App.ResourceNotifications.WaitForResourceAsync("redis", _ => true, Cancellation);
        var result = await system.App.ResourceCommands.ExecuteCommandAsync(redis.ResourceId, command, Cancellation);
        Assert.True(result.Success, result.Message);
    }

    private static (string Port, string Password) Parts(string? connection)
    {
        var parts = ConnectionString().Match(connection!);
        Assert.True(parts.Success, "the connection string is host, port and password");
        return (parts.Groups[1].Value, parts.Groups[2].Value);
    }

    [GeneratedRegex("^localhost:([0-9]+),password=([A-Za-z0-9]{22})$")]
    private static partial Regex ConnectionString();
}
