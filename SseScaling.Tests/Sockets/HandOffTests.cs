using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using SseScaling.Connections;
using SseScaling.Sockets;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Sockets;

/// <summary>What is left behind when a stream leaves the web server: nothing.</summary>
public sealed class HandOffTests
{
    private const string Request = "GET /api/stream?topic=a HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n\r\n";

    [Fact]
    public async Task The_request_ends_for_scope_log_and_metrics_while_the_stream_goes_on()
    {
        var ended = new TaskCompletionSource();
        await using var host = await PipelineHost.StartAsync(
            builder => builder.Services.AddScoped(_ => new Scoped(ended)),
            app => app.Use((context, next) =>
            {
                context.RequestServices.GetRequiredService<Scoped>();
                return next(context);
            }));
        using var active = new Levels(host.Services.GetRequiredService<IMeterFactory>(), "http.server.active_requests", "kestrel.active_connections");

        await using var connection = await RawConnection.GetAsync(host.Port, "/api/stream?topic=a");
        await connection.ReadUntilAsync(": connected");

        await ended.Task.WaitAsync(Eventually.Deadline, TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => active.Seen == 2 && active.AreZero, "the request and the connection have ended");
        Assert.Equal(1, host.Services.GetRequiredService<ConnectionRegistry>().Count);
    }

    [Fact]
    public async Task The_web_servers_objects_are_collected()
    {
        var connections = new List<WeakReference>();
        await using var host = await PipelineHost.StartAsync(
            null,
            app => app.Use((context, next) =>
            {
                lock (connections)
                    connections.Add(new WeakReference(context.Features.Get<IDetachableSocketFeature>()));
                return next(context);
            }));
        var clients = new List<RawConnection>();
        for (var i = 0; i < 50; i++)
        {
            clients.Add(await RawConnection.GetAsync(host.Port, "/api/stream?topic=a"));
            await clients[^1].ReadUntilAsync(": connected");
        }

        // The web server may hold the last one for a moment.
        await Eventually.TrueAsync(
            () =>
            {
                GC.Collect();
                lock (connections)
                    return connections.Count(connection => connection.IsAlive) <= 1;
            },
            "the connections are collected");
        foreach (var client in clients)
            await client.DisposeAsync();
        Assert.Equal(50, connections.Count);
    }

    [Fact]
    public async Task A_second_request_behind_the_stream_is_not_executed()
    {
        var executed = 0;
        await using var host = await PipelineHost.StartAsync(
            null,
            app => app.Use((context, next) =>
            {
                Interlocked.Increment(ref executed);
                return next(context);
            }));

        await using var connection = await RawConnection.OpenAsync(host.Port);
        await connection.SendAsync(Request + "GET /fixed HTTP/1.1\r\nHost: a\r\n\r\n");
        await connection.ReadUntilAsync(": connected");
        await Eventually.TrueAsync(() => host.Log.Count("listens to a (") == 1, "the stream has begun");
        await using var other = await RawConnection.GetAsync(host.Port, "/fixed");
        await other.ReadResponseAsync();

        Assert.Equal(2, executed);
    }

    [Fact]
    public async Task Streams_do_not_count_among_the_web_servers_connections()
    {
        await using var host = await PipelineHost.StartAsync(builder => builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxConcurrentConnections = 2));
        var clients = new List<RawConnection>();

        // The one before may still be leaving: a second place is for it.
        for (var i = 0; i < 10; i++)
        {
            clients.Add(await RawConnection.GetAsync(host.Port, "/api/stream?topic=a"));
            await clients[^1].ReadUntilAsync(": connected");
            var expected = i + 1;
            await Eventually.TrueAsync(() => host.Services.GetRequiredService<ConnectionRegistry>().Count == expected, "the stream is there");
        }

        foreach (var client in clients)
            await client.DisposeAsync();
    }

    [Fact]
    public async Task Ten_thousand_connections_that_end_by_fin_or_rst_at_any_moment_leave_no_descriptor()
    {
        await using var api = await ApiProcess.StartAsync(null, ("Logging__LogLevel__SseScaling", "Warning"));
        await OpenAndCloseAsync(api.Port, 0);
        await NobodyAsync(api);
        var before = api.CountSockets();

        await Parallel.ForEachAsync(
            Enumerable.Range(0, 10_000),
            new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = TestContext.Current.CancellationToken },
            async (i, _) => await OpenAndCloseAsync(api.Port, i));

        await NobodyAsync(api);
        await Eventually.TrueAsync(() => api.CountSockets() <= before, "all sockets are closed");
    }

    private static Task NobodyAsync(ApiProcess api) =>
        Eventually.TrueAsync(async () => (await api.Http.StatsAsync()).GetProperty("connections").GetInt32() == 0, "all streams have ended");

    /// <summary>Ends before the request, within it, behind it, or within the stream; by FIN or by RST.</summary>
    private static async Task OpenAndCloseAsync(int port, int i)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
        var request = Encoding.ASCII.GetBytes(Request);
        if (i % 8 > 0)
            await socket.SendAsync(i % 8 == 1 ? request.AsMemory(0, 40) : request, TestContext.Current.CancellationToken);
        if (i % 8 > 4)
            await socket.ReceiveAsync(new byte[1024], TestContext.Current.CancellationToken);
        if (i % 2 == 0)
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
        if (i % 3 == 0)
            socket.Shutdown(SocketShutdown.Send);
    }

    private sealed class Scoped(TaskCompletionSource ended) : IDisposable
    {
        public void Dispose() => ended.TrySetResult();
    }

    /// <summary>Counters that go up and down.</summary>
    private sealed class Levels : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly Dictionary<string, long> _levels = [];

        public Levels(IMeterFactory factory, params string[] names)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Scope == factory && names.Contains(instrument.Name))
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
            {
                lock (_levels)
                    _levels[instrument.Name] = _levels.GetValueOrDefault(instrument.Name) + value;
            });
            _listener.Start();
        }

        public int Seen
        {
            get
            {
                lock (_levels)
                    return _levels.Count;
            }
        }

        public bool AreZero
        {
            get
            {
                lock (_levels)
                    return _levels.Values.All(level => level == 0);
            }
        }

        public void Dispose() => _listener.Dispose();
    }
}
