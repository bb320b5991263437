using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Connections;

/// <summary>The longest life of a stream, on both ways, and options that make no sense.</summary>
public sealed class LifetimeTests
{
    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task A_stream_that_reached_its_age_ends_with_a_delay_of_its_own_and_resumes(string direct)
    {
        await using var api = await ApiProcess.StartAsync(null, ("Sse__DirectSockets", direct), ("Sse__MaxLifetime", "00:00:02"));
        await using var client = await SseClient.OpenTopicsAsync(api.Http, "a");
        await api.Http.PublishAsync("a", "1");

        await client.Ended.WaitAsync(Eventually.Deadline, TestContext.Current.CancellationToken);
        await api.LoggedAsync(": lifetime");
        await api.Http.PublishAsync("a", "2");
        await using var resumed = await SseClient.OpenAsync(api.Http, "/api/stream?topic=a", client.LastEventId);

        Assert.InRange(client.Retry.TotalSeconds, 2, 6);
        Assert.Equal("1", (await client.NextAsync()).Data);
        Assert.Equal("2", (await resumed.NextAsync()).Data);
    }

    [Theory]
    [InlineData("Sse__Heartbeat", "00:00:00", "Heartbeat")]
    [InlineData("Sse__MaxQueuedBytes", "1", "MaxQueuedBytes")]
    [InlineData("Sse__Retry", "soon", "Retry")]
    [InlineData("Sse__DirectSockets", "maybe", "'maybe' at 'Sse:DirectSockets'")]
    public async Task An_option_out_of_range_stops_the_start_and_is_named(string option, string value, string name)
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => ApiProcess.StartAsync(null, (option, value)));

        Assert.Contains(name, failure.Message, StringComparison.Ordinal);
    }
}
