using Microsoft.Extensions.DependencyInjection;
using SseScaling.Redis;
using SseScaling.Tests.Backplane;
using SseScaling.Tests.Testing;
using StackExchange.Redis;
using Xunit;

namespace SseScaling.Tests.Redis;

/// <summary>What becomes of the client library's exceptions where it is called.</summary>
public sealed class RedisCallTests : IAsyncLifetime
{
    private RedisServer _redis = null!;
    private BackplaneHost _host = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private RedisLink Link => _host.Services.GetRequiredService<RedisLink>();

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.StartNewAsync();
        _host = await (await BackplaneHost.StartAsync(_redis.ConnectionString)).ReadyAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task What_the_client_throws_is_an_outage_whatever_its_type_and_what_is_unusual_is_said_once()
    {
        Exception[] thrown =
        [
            new InvalidOperationException("Reading is not allowed after reader was completed."), new ObjectDisposedException("multiplexer"),
            new OperationCanceledException(), new RedisCommandException("of a replica"), new RedisException("closed"), new TimeoutException(),
        ];
        foreach (var exception in thrown.Concat(thrown))
        {
            var failure = await Assert.ThrowsAsync<SseUnavailableException>(() => Link.AskAsync<int>(_ => throw exception, Cancellation));
            Assert.Same(exception, failure.InnerException);
        }

        Assert.Equal(2, _host.Log.Count("no usual form of an outage"));
        foreach (var type in new[] { nameof(InvalidOperationException), nameof(RedisCommandException) })
            Assert.Equal(1, _host.Log.Count($"failed by {type},"));
    }

    [Fact]
    public async Task A_wrong_argument_and_a_caller_who_gives_up_are_no_outage()
    {
        await Assert.ThrowsAsync<ArgumentNullException>(() => Link.AskAsync(database => database.ScriptEvaluateAsync((string)null!), Cancellation));

        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Link.AskAsync(database => database.StringGetAsync("a"), stop.Token));
    }

    [Fact]
    public async Task What_the_server_refuses_is_told_in_its_own_words()
    {
        await _redis.CliAsync("SET", "text", "1");

        var failure = await Assert.ThrowsAsync<SseUnavailableException>(() => Link.AskAsync(database => database.ListLengthAsync("text"), Cancellation));

        Assert.Contains("WRONGTYPE", failure.Message, StringComparison.Ordinal);
    }
}
