using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Xunit;

namespace LocalAspire.Tests.Hosting;

public sealed class RedisResourceTests
{
    [Fact]
    public async Task A_killed_server_comes_back_with_its_data_at_the_same_address()
    {
        await using var app = await EchoApplication.StartHealthyAsync();
        var id = app.Instances("redis")[0];
        var before = await app.Application.GetConnectionStringAsync("redis", TestContext.Current.CancellationToken);
        Assert.Equal("+OK", await CallAsync(app, "SET key value"));

        PosixSignals.SendToProcess(EchoApplication.ProcessId(app.Snapshot(id)), PosixSignals.Kill);
        var killed = await app.WaitAsync(id, KnownResourceStates.Exited);
        Assert.Equal(137, killed.Snapshot.ExitCode);
        await app.CommandAsync(id, KnownResourceCommands.StartCommand);
        await app.WaitHealthyAsync(id);

        Assert.Equal(before, await app.Application.GetConnectionStringAsync("redis", TestContext.Current.CancellationToken));
        Assert.Equal("$5", await CallAsync(app, "GET key"));
    }

    [Fact]
    public async Task The_password_is_required_and_not_in_the_list_of_processes()
    {
        await using var app = await EchoApplication.StartAsync();
        var redis = await app.WaitHealthyAsync("redis");
        var connection = await app.Application.GetConnectionStringAsync("redis", TestContext.Current.CancellationToken);
        var password = connection!.Split("password=")[1];

        Assert.StartsWith("-NOAUTH", await CallAsync(app, "GET key", authenticate: false), StringComparison.Ordinal);
        Assert.DoesNotContain(password, Processes.CommandLine(EchoApplication.ProcessId(redis.Snapshot)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_left_of_the_server_when_the_application_has_ended()
    {
        var app = await EchoApplication.StartAsync();
        var redis = await app.WaitHealthyAsync("redis");
        var folder = (string)redis.Snapshot.Properties.Single(property => property.Name == "executable.workDir").Value!;
        Assert.StartsWith(Path.GetTempPath(), folder, StringComparison.Ordinal);
        Assert.True(Directory.Exists(folder));

        await app.DisposeAsync();

        Assert.False(Directory.Exists(folder));
        Assert.False(Processes.IsAlive(EchoApplication.ProcessId(redis.Snapshot)));
    }

    private static async Task<string?> CallAsync(EchoApplication app, string command, bool authenticate = true)
    {
        var connection = (await app.Application.GetConnectionStringAsync("redis", TestContext.Current.CancellationToken))!.Split(",password=");
        var address = connection[0].Split(':');
        using var client = new TcpClient();
        await client.ConnectAsync(address[0], int.Parse(address[1], CultureInfo.InvariantCulture), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(client.GetStream());
        if (authenticate)
        {
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"AUTH {connection[1]}\r\n"), TestContext.Current.CancellationToken);
            Assert.Equal("+OK", await reader.ReadLineAsync(TestContext.Current.CancellationToken));
        }

        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"{command}\r\n"), TestContext.Current.CancellationToken);
        return await reader.ReadLineAsync(TestContext.Current.CancellationToken);
    }
}
