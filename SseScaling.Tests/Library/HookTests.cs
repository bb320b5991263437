using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using SseScaling.Tests.Sockets;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Library;

/// <summary>What an application is told of the streams that begin and end.</summary>
public sealed class HookTests
{
    private readonly Channel<string> _calls = Channel.CreateUnbounded<string>();

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task Each_stream_is_told_of_once_when_it_has_begun_and_once_when_it_has_ended(string direct)
    {
        await using var host = await StartAsync(direct, connected: null);
        await using (var connection = await RawConnection.GetAsync(host.Port, "/api/stream?topic=a"))
        {
            await connection.ReadUntilAsync(": connected\n");
            Assert.Equal("connected a", await NextAsync());
        }

        Assert.Equal("disconnected a Client", await NextAsync());
        await using var other = await RawConnection.GetAsync(host.Port, "/api/stream?topic=b");
        Assert.Equal("connected b", await NextAsync());
    }

    [Fact]
    public async Task A_hook_that_throws_is_logged_and_its_stream_goes_on()
    {
        await using var host = await StartAsync("true", new InvalidOperationException("The hook is broken."));
        await using var connection = await RawConnection.GetAsync(host.Port, "/api/stream?topic=a");
        await connection.ReadUntilAsync(": connected\n");

        await Eventually.TrueAsync(() => host.Log.Count("OnConnected has failed") == 1, "the failure is logged");
        await host.Services.GetRequiredService<ISsePublisher>().PublishUtf8Async("a", "1"u8.ToArray(), cancellationToken: TestContext.Current.CancellationToken);

        await connection.ReadUntilAsync("data: 1\n\n");
    }

    [Fact]
    public async Task A_stop_tells_of_every_stream_that_it_ends()
    {
        await using (var host = await StartAsync("true", connected: null))
        {
            await using var connection = await RawConnection.GetAsync(host.Port, "/api/stream?topic=a");
            Assert.Equal("connected a", await NextAsync());
        }

        Assert.Matches("^disconnected a (Client|Drain)$", await NextAsync());
    }

    private Task<PipelineHost> StartAsync(string direct, Exception? connected) => PipelineHost.StartAsync(
        builder => builder.Services.Configure<SseOptions>(options =>
        {
            options.OnConnected = connection => connected is null ? TellAsync($"connected {connection.Topics[0]}") : Task.FromException(connected);
            options.OnDisconnected = (connection, reason) => TellAsync($"disconnected {connection.Topics[0]} {reason}");
        }),
        null,
        ("Sse:DirectSockets", direct));

    private Task TellAsync(string call) => _calls.Writer.WriteAsync(call).AsTask();

    private async Task<string> NextAsync() =>
        await _calls.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Eventually.Deadline, TestContext.Current.CancellationToken);
}
