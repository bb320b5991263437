using Microsoft.Extensions.Options;
using SseScaling.Tests.Backplane;
using Xunit;

namespace SseScaling.Tests.Messaging;

public sealed class MessagingOptionsTests
{
    [Theory]
    [InlineData("HistoryLength", "0")]
    [InlineData("HistoryLength", "100001")]
    [InlineData("HistoryIdle", "00:00:00")]
    [InlineData("CounterIdle", "00:30:00")]
    [InlineData("KeyLifetime", "2.00:00:00")]
    [InlineData("Timeout", "00:01:00")]
    [InlineData("WatchdogInterval", "-00:00:01")]
    [InlineData("WatchdogFailures", "0")]
    [InlineData("SubscribeRetryMax", "00:10:00")]
    public async Task An_option_out_of_range_stops_the_start_and_is_named(string name, string value)
    {
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => BackplaneHost.StartAsync(null, (name, value)));

        Assert.Contains(name, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_string_that_Redis_does_not_know_stops_the_start_and_is_named()
    {
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => BackplaneHost.StartAsync("localhost,abortConnect=maybe"));

        Assert.Contains("ConnectionStrings:redis", exception.Message, StringComparison.Ordinal);
        Assert.Contains("'maybe'", exception.Message, StringComparison.Ordinal);
    }
}
