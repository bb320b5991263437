using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using SseScaling.Backplane;
using SseScaling.Connections;
using SseScaling.Protocol;
using SseScaling.Tests.Model;
using SseScaling.Tests.Testing;
using SseScaling.Topics;
using Xunit;

namespace SseScaling.Tests.Topics;

/// <summary>A test of an application moves its clock; nobody waits for a heartbeat.</summary>
public sealed class ClockTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private readonly StringBuilder _received = new();
    private ServiceProvider _services = null!;
    private ModelConnection _connection = null!;

    private TopicRegistry Topics => _services.GetRequiredService<TopicRegistry>();

    public async ValueTask InitializeAsync()
    {
        var services = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(_time);
        services.AddSingleton<Microsoft.Extensions.Configuration.IConfiguration>(new Microsoft.Extensions.Configuration.ConfigurationBuilder().Build());
        services.AddSse(options => options.MaxLifetime = TimeSpan.FromMinutes(10));
        _services = services.BuildServiceProvider();
        await _services.GetRequiredService<ConnectionRegistry>().StartAsync(TestContext.Current.CancellationToken);
        await _services.GetRequiredService<Reconciler>().StartAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _connection.End(SseDisconnectReason.Client);
        await _services.GetRequiredService<Reconciler>().StopAsync(CancellationToken.None);
        await _services.GetRequiredService<ConnectionRegistry>().StopAsync(CancellationToken.None);
        await _services.DisposeAsync();
    }

    [Fact]
    public async Task Heartbeats_and_lifetimes_go_by_the_clock_of_the_application()
    {
        await OpenAsync();
        _time.Advance(TimeSpan.FromSeconds(14));
        _time.Advance(TimeSpan.FromSeconds(2));
        await ReceivedAsync(": heartbeat");
        Assert.False(_connection.IsEnding);
        _time.Advance(TimeSpan.FromMinutes(10));
        await Eventually.TrueAsync(() => _connection.IsEnded, "the stream ends");
        Assert.Equal(SseDisconnectReason.Lifetime, _connection.Reason);
    }

    [Fact]
    public async Task A_client_that_takes_nothing_is_given_up_when_the_clock_says_so()
    {
        await OpenAsync();
        _connection.Stall(stalled: true);
        _connection.Send(ControlFrames.Heartbeat);
        _time.Advance(TimeSpan.FromSeconds(31));
        await Eventually.TrueAsync(() => _connection.IsEnded, "the stream ends");
        Assert.Equal(SseDisconnectReason.WriteTimeout, _connection.Reason);
    }

    [Fact]
    public async Task A_window_ends_when_the_clock_says_so()
    {
        await OpenAsync(window: TimeSpan.FromSeconds(5));
        await _services.GetRequiredService<IBackplane>().PublishAsync([Drafts.Draft("topic", "1"), Drafts.Draft("topic", "2")], TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => Topics.Topics.Single().Members.Position.Offset == 2, "the topic has both");
        Assert.DoesNotContain("data:", Received(), StringComparison.Ordinal);

        // The window opens with the first event that reaches it, which is a moment later.
        await Eventually.TrueAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(5));
            return Received().Contains("2]}\n", StringComparison.Ordinal);
        }, "the window ends");
    }

    [Fact]
    public async Task A_topic_without_subscribers_lingers_by_the_clock()
    {
        await OpenAsync();
        _connection.End(SseDisconnectReason.Client);
        await Eventually.TrueAsync(() => Topics.Topics.Single().IsIdleSince(long.MaxValue), "the topic is idle");
        _time.Advance(TimeSpan.FromSeconds(11));
        await Eventually.TrueAsync(() => Topics.TopicCount == 0, "the topic is given up");
    }

    private async Task OpenAsync(TimeSpan window = default)
    {
        var registry = _services.GetRequiredService<ConnectionRegistry>();
        Assert.True(registry.TryReserve());
        _connection = new ModelConnection(registry, "stream");
        _services.GetRequiredService<OpenStreams>().Open(_connection, StreamPlan.Of(["topic"], window: window));
        registry.Add(_connection);
        await ReceivedAsync(": connected");
    }

    private string Received() => _received.Append(Encoding.UTF8.GetString(_connection.Take())).ToString();

    private Task ReceivedAsync(string part) => Eventually.TrueAsync(() => Received().Contains(part, StringComparison.Ordinal), $"'{part}' is received");
}
