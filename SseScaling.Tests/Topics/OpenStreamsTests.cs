using System.Text;
using Microsoft.Extensions.DependencyInjection;
using SseScaling.Backplane;
using SseScaling.Connections;
using SseScaling.Protocol;
using SseScaling.Tests.Backplane;
using SseScaling.Tests.Model;
using SseScaling.Tests.Testing;
using SseScaling.Topics;
using Xunit;

namespace SseScaling.Tests.Topics;

public sealed class OpenStreamsTests : IAsyncLifetime
{
    private readonly string _a = Drafts.NewTopic("a");
    private readonly string _b = Drafts.NewTopic("b");
    private BackplaneHost _host = null!;
    private UnreliableBackplane _backplane = null!;
    private ServiceProvider _services = null!;

    private OpenStreams Streams => _services.GetRequiredService<OpenStreams>();

    public async ValueTask InitializeAsync()
    {
        _host = await BackplaneHost.StartAsync(null);
        _backplane = new UnreliableBackplane(_host.Backplane);
        _services = new ServiceCollection().AddEngine().AddSingleton<IBackplane>(_backplane).BuildServiceProvider();
        await Streams.StartAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var stream in Streams.All)
            stream.Connection.End(SseDisconnectReason.Client);
        await Streams.StopAsync(CancellationToken.None);
        await _services.DisposeAsync();
        await _host.DisposeAsync();
    }

    [Fact]
    public void Streams_are_found_by_number_and_those_of_users_by_name()
    {
        var changes = new List<(string, int)>();
        Streams.CountChanged += user => changes.Add((user, Streams.CountOf(user)));
        var (mine, second, anybodys) = (Open(Connect("me"), _a), Open(Connect("me"), _b), Open(Connect(null), _a));
        Assert.Equal([mine, second, anybodys], Streams.All);
        Assert.Equal([mine, second], Streams.Of("me"));
        Assert.Equal(["me"], Streams.Users);
        Assert.Same(anybodys, Streams.Find(anybodys.Connection.Number));
        Assert.Equal([_a], anybodys.TopicNames);

        mine.Connection.End(SseDisconnectReason.Client);
        second.Connection.End(SseDisconnectReason.Client);
        Assert.Equal([("me", 1), ("me", 2), ("me", 1), ("me", 0)], changes);
        Assert.Empty(Streams.Users);
        Assert.Null(Streams.Find(mine.Connection.Number));
        Assert.Equal([anybodys], Streams.All);
    }

    [Fact]
    public void A_stream_whose_client_left_before_it_began_is_not_listed_for_ever()
    {
        var connection = Connect("me");
        connection.End(SseDisconnectReason.Client);
        Open(connection, _a);
        Assert.Empty(Streams.All);
        Assert.Equal(0, Streams.CountOf("me"));
    }

    [Fact]
    public async Task A_joined_topic_is_live_from_then_on_until_it_is_left()
    {
        var connection = Connect(null);
        var stream = Open(connection, _a);
        await _host.PublishAsync(Drafts.Draft(_b, "\"early\""));
        await stream.JoinAsync(_b);
        Assert.Equal([_a, _b], stream.TopicNames);
        await _host.PublishAsync(Drafts.Draft(_b, "\"joined\""));
        Assert.Equal(["\"joined\""], await ReceivedAsync(connection, "\"joined\""));
        await stream.LeaveAsync(_b);
        Assert.Equal([_a], stream.TopicNames);
        await _host.PublishAsync(Drafts.Draft(_b, "\"late\""), Drafts.Draft(_a, "\"end\""));
        Assert.Equal(["\"end\""], await ReceivedAsync(connection, "\"end\""));
    }

    [Fact]
    public async Task A_joined_topic_stays_whatever_the_reader_says()
    {
        var topics = new[] { _a };
        var stream = Streams.Open(Connect(null), StreamPlan.Of([_a]), _ => Task.FromResult(StreamPlan.Of(topics)));
        await stream.JoinAsync("joined");
        topics = [_b];
        await stream.RefreshAsync();
        Assert.Equal([_b, "joined"], stream.TopicNames);
        Assert.Equal(_b, Assert.Single(stream.Plan.Topics).Name);
    }

    [Fact]
    public async Task A_stream_that_has_all_the_topics_it_can_joins_no_more()
    {
        var stream = Open(Connect(null), [.. Enumerable.Range(0, TopicName.MaxPerStream).Select(number => $"{_a}/{number}")]);
        await stream.JoinAsync($"{_a}/0");
        await Assert.ThrowsAsync<InvalidOperationException>(() => stream.JoinAsync(_b));
    }

    [Fact]
    public async Task A_plan_that_cannot_be_read_at_first_is_what_the_request_says_until_the_link_is_back()
    {
        var isAway = true;
        var stream = Streams.Open(Connect(null), StreamPlan.Of([_a]),
            _ => isAway ? throw new SseUnavailableException("Away.") : Task.FromResult(StreamPlan.Of([_a, _b])));
        await stream.RefreshAsync();
        Assert.Equal([_a], stream.TopicNames);

        isAway = false;
        _backplane.Fail();
        _backplane.Restore();
        await Eventually.TrueAsync(() => stream.TopicNames.SequenceEqual([_a, _b]), "the stream follows its plan");
    }

    [Fact]
    public async Task A_stream_that_ends_while_its_topics_are_not_live_keeps_nobody_waiting_for_its_change()
    {
        _backplane.Fail();
        var stream = Open(Connect("me"), _a);
        var joined = stream.JoinAsync(_b);
        Assert.False(joined.IsCompleted);
        stream.Connection.End(SseDisconnectReason.Client);
        await joined.WaitAsync(Eventually.Deadline, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Streams_that_end_while_they_change_keep_nobody_waiting()
    {
        for (var round = 0; round < 200; round++)
        {
            var stream = Open(Connect("me"), _a);
            var joined = stream.JoinAsync(_b);
            stream.Connection.End(SseDisconnectReason.Client);
            await joined.WaitAsync(Eventually.Deadline, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task A_filter_and_types_let_pass_what_they_name()
    {
        var connection = Connect(null);
        Streams.Open(connection, StreamPlan.Of([_a]) with { Types = new HashSet<string> { "x", "y" }, Filter = new Below(3) });
        await ReceivedAsync(connection, ": connected");
        SseEvent[] events =
        [
            Drafts.Draft(_a, """{"type":"x","n":1}"""), Drafts.Draft(_a, """{"type":"z","n":1}"""), Drafts.Draft(_a, """{"type":"x","n":3}"""),
            Drafts.Draft(_a, """{"n":2}""") with { Type = "y" }, Drafts.Draft(_a, """{"type":"x"}"""), Drafts.Draft(_a, """{"type":"x","n":0}"""),
        ];
        await _host.PublishAsync(events);
        Assert.Equal(
            ["""{"type":"x","n":1}""", """{"n":2}""", """{"type":"x","n":0}"""], await ReceivedAsync(connection, "\"n\":0"));
    }

    private ModelConnection Connect(string? user)
    {
        var registry = _services.GetRequiredService<ConnectionRegistry>();
        Assert.True(registry.TryReserve());
        return new ModelConnection(registry, "stream", user);
    }

    private OpenStream Open(ModelConnection connection, params string[] topics) => Streams.Open(connection, StreamPlan.Of(topics));

    private static async Task<string[]> ReceivedAsync(ModelConnection connection, string last)
    {
        var text = new StringBuilder();
        await Eventually.TrueAsync(() => text.Append(Encoding.UTF8.GetString(connection.Take())).ToString().Contains(last, StringComparison.Ordinal), $"{last} is received");
        return [.. text.ToString().Split('\n').Where(line => line.StartsWith("data: ", StringComparison.Ordinal)).Select(line => line[6..])];
    }

    private sealed class Below(int bound) : SseFilter
    {
        public override bool Wants(SseEventView e) => int.TryParse(e.Property("n"), out var n) && n < bound;
    }
}
