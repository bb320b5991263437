using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Aspire.Hosting.ApplicationModel;
using Xunit;

namespace LocalAspire.Tests.Hosting;

public sealed class ProxyTests
{
    [Fact]
    public async Task Each_connection_goes_to_a_random_replica()
    {
        await using var app = await EchoApplication.StartHealthyAsync("--Echo:Replicas=3");
        using var client = app.Client();
        var met = new ConcurrentDictionary<string, int>();

        await Parallel.ForEachAsync(Enumerable.Range(0, 300), TestContext.Current.CancellationToken, async (_, ct) =>
            met.AddOrUpdate(await client.GetStringAsync("/pid", ct), 1, (_, count) => count + 1));

        // 100 each is expected, with a standard deviation of 8: 50 is six deviations away.
        Assert.Equal(3, met.Count);
        Assert.All(met.Values, count => Assert.InRange(count, 50, 150));
    }

    [Fact]
    public async Task A_stopped_replica_gets_no_connection_and_the_others_go_on()
    {
        await using var app = await EchoApplication.StartHealthyAsync("--Echo:Replicas=2");
        var instances = app.Instances("echo");
        var stays = EchoApplication.ProcessId(app.Snapshot(instances[1])).ToString(CultureInfo.InvariantCulture);
        using var client = app.Client();

        await app.CommandAsync(instances[0], KnownResourceCommands.StopCommand);
        for (var i = 0; i < 30; i++)
            Assert.Equal(stays, await client.GetStringAsync("/pid", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_stream_passes_as_it_is_written_and_ends_when_its_replica_is_killed()
    {
        await using var app = await EchoApplication.StartHealthyAsync();
        using var client = app.Client();
        using var stream = await client.GetStreamAsync("/stream", TestContext.Current.CancellationToken).ContinueWith(
            task => new StreamReader(task.Result), TestContext.Current.CancellationToken, TaskContinuationOptions.None, TaskScheduler.Default);

        for (var number = 0; number < 5; number++)
            Assert.Equal(number.ToString(CultureInfo.InvariantCulture), await stream.ReadLineAsync(TestContext.Current.CancellationToken));
        PosixSignals.SendToProcess(EchoApplication.ProcessId(app.Snapshot("echo")), PosixSignals.Kill);

        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            while (await stream.ReadLineAsync(TestContext.Current.CancellationToken) is not null)
                continue;
        }).WaitAsync(EchoApplication.Deadline, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_side_that_has_said_everything_still_hears_the_other()
    {
        await using var proxy = EndpointProxy.TryBind(null)!;
        using var server = FreePorts.TryBind(IPAddress.Loopback, 0)!;
        proxy.Add(new Backend(((IPEndPoint)server.LocalEndPoint!).Port, CancellationToken.None));
        proxy.Start();

        using var client = await ConnectAsync(proxy.Port);
        using var replica = await server.AcceptAsync(TestContext.Current.CancellationToken);
        await client.SendAsync("question"u8.ToArray(), SocketFlags.None);
        client.Shutdown(SocketShutdown.Send);
        var question = await ReadToEndAsync(replica);
        await replica.SendAsync(Encoding.ASCII.GetBytes($"{question} answered"), SocketFlags.None);
        replica.Shutdown(SocketShutdown.Send);

        Assert.Equal("question answered", await ReadToEndAsync(client));
    }

    [Fact]
    public async Task A_reader_that_stops_reading_stops_its_writer()
    {
        await using var proxy = EndpointProxy.TryBind(null)!;
        using var server = FreePorts.TryBind(IPAddress.Loopback, 0)!;
        proxy.Add(new Backend(((IPEndPoint)server.LocalEndPoint!).Port, CancellationToken.None));
        proxy.Start();
        using var client = await ConnectAsync(proxy.Port);
        using var replica = await server.AcceptAsync(TestContext.Current.CancellationToken);

        replica.Blocking = false;
        var megabyte = new byte[1 << 20];
        long sent = 0;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var refusals = 0; refusals < 25 && sent < 1L << 30; await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken))
        {
            var taken = replica.Send(megabyte, SocketFlags.None, out var error);
            refusals = error == SocketError.WouldBlock ? refusals + 1 : 0;
            sent += taken;
        }

        // What the kernel's buffers hold, and not a gigabyte.
        Assert.InRange(sent, 1, 64L << 20);
    }

    [Fact]
    public async Task A_replica_that_does_not_listen_yet_is_passed_over()
    {
        await using var proxy = EndpointProxy.TryBind(null)!;
        using var server = FreePorts.TryBind(IPAddress.Loopback, 0)!;
        proxy.Add(new Backend(FreePorts.Next(), CancellationToken.None));
        proxy.Add(new Backend(((IPEndPoint)server.LocalEndPoint!).Port, CancellationToken.None));
        proxy.Start();

        for (var i = 0; i < 20; i++)
        {
            using var client = await ConnectAsync(proxy.Port);
            using var replica = await server.AcceptAsync(TestContext.Current.CancellationToken);
            await replica.SendAsync("here"u8.ToArray(), SocketFlags.None);
            replica.Shutdown(SocketShutdown.Send);
            Assert.Equal("here", await ReadToEndAsync(client));
        }
    }

    private static async Task<Socket> ConnectAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), TestContext.Current.CancellationToken);
        return socket;
    }

    private static async Task<string> ReadToEndAsync(Socket socket)
    {
        using var received = new MemoryStream();
        var buffer = new byte[4096];
        using var deadline = new CancellationTokenSource(EchoApplication.Deadline);
        while (await socket.ReceiveAsync(buffer, SocketFlags.None, deadline.Token) is > 0 and var count)
            received.Write(buffer, 0, count);
        return Encoding.ASCII.GetString(received.ToArray());
    }
}
