using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using SseScaling.Testing;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Library;

/// <summary>The host for applications' own tests: what its clock moves, and what its streams bring.</summary>
public sealed class TestHostTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_example_of_its_description_holds()
    {
        await using var host = await SseTestHost.StartAsync(app => app.MapSse("/orders/{id}", (SseStream s, int id) => s.Topic($"orders:{id}")), cancellationToken: Cancellation);
        await using var stream = await host.OpenAsync("/orders/1", cancellationToken: Cancellation);
        await host.Publisher.PublishAsync("orders:1", new { paid = true }, cancellationToken: Cancellation);
        Assert.Equal("""{"paid":true}""", (await stream.NextAsync(Cancellation)).Data);
    }

    [Fact]
    public async Task A_client_that_comes_back_gets_what_it_missed()
    {
        await using var host = await StartAsync();
        string last;
        await using (var stream = await host.OpenAsync("/feed?topic=a", cancellationToken: Cancellation))
        {
            await host.Publisher.PublishAsync("a", 1, cancellationToken: Cancellation);
            await stream.NextAsync(Cancellation);
            last = stream.LastEventId;
        }

        await host.Publisher.PublishAsync("a", 2, cancellationToken: Cancellation);
        await using var again = await host.OpenAsync("/feed?topic=a", last, Cancellation);
        Assert.Equal("2", (await again.NextAsync(Cancellation)).Data);
    }

    [Fact]
    public async Task A_batch_window_ends_when_the_clock_moves()
    {
        await using var host = await StartAsync();
        await using var stream = await host.OpenAsync("/feed?topic=a&batch=5000", cancellationToken: Cancellation);
        await host.Publisher.PublishAsync("a", 1, cancellationToken: Cancellation);
        await host.Publisher.PublishAsync("a", 2, cancellationToken: Cancellation);
        var next = stream.NextAsync(Cancellation);
        await MovedAsync(host, TimeSpan.FromSeconds(5), next);

        Assert.Equal("""{"batch":[1,2]}""", (await next).Data);
    }

    [Fact]
    public async Task A_stream_ends_with_its_lifetime()
    {
        await using var host = await StartAsync(options => options.MaxLifetime = TimeSpan.FromMinutes(15));
        await using var stream = await host.OpenAsync("/feed?topic=a", cancellationToken: Cancellation);

        var ended = stream.EndedAsync(Cancellation);
        await MovedAsync(host, TimeSpan.FromMinutes(15), ended);

        await Assert.ThrowsAsync<EndOfStreamException>(() => stream.NextAsync(Cancellation));
    }

    [Fact]
    public async Task History_is_forgotten_when_its_time_is_over()
    {
        await using var host = await StartAsync();
        var first = await host.Publisher.PublishAsync("a", 1, cancellationToken: Cancellation);
        await host.Publisher.PublishAsync("a", 2, cancellationToken: Cancellation);

        // A topic's events are kept for an hour.
        host.Clock.Advance(TimeSpan.FromHours(2));

        await using var stream = await host.OpenAsync("/feed?topic=a", first.Id, Cancellation);
        Assert.Equal("gap", (await stream.NextAsync(Cancellation)).EventType);
    }

    [Fact]
    public async Task What_an_endpoint_refuses_is_an_exception_with_its_status()
    {
        await using var host = await StartAsync();

        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => host.OpenAsync("/feed", cancellationToken: Cancellation));

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }

    [Fact]
    public async Task A_stream_that_its_client_closes_leaves_the_application()
    {
        await using var host = await StartAsync();
        var connections = host.Services.GetRequiredService<ISseConnections>();
        await using (await host.OpenAsync("/feed?topic=a", cancellationToken: Cancellation))
            Assert.Equal(1, connections.Count);

        await Eventually.TrueAsync(() => connections.Count == 0, "the stream has ended");
    }

    [Fact]
    public async Task A_host_that_is_disposed_ends_its_streams()
    {
        var host = await StartAsync();
        await using var stream = await host.OpenAsync("/feed?topic=a", cancellationToken: Cancellation);

        await host.DisposeAsync();

        await Assert.ThrowsAsync<EndOfStreamException>(() => stream.NextAsync(Cancellation));
    }

    private static Task<SseTestHost> StartAsync(Action<SseOptions>? options = null) => SseTestHost.StartAsync(
        app => app.MapSse("/feed", stream => stream.TopicsFromQuery().BatchFromQuery()), builder => builder.Services.Configure(options ?? (_ => { })), Cancellation);

    /// <summary>Moves the clock until something has happened, for what was published may still be on its way to its window.</summary>
    private static Task MovedAsync(SseTestHost host, TimeSpan step, Task happened) => Eventually.TrueAsync(
        () =>
        {
            host.Clock.Advance(step);
            return happened.IsCompleted;
        },
        "the clock's move is noticed");
}
