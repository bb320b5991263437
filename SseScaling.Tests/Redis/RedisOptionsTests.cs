using Microsoft.Extensions.Options;
using SseScaling.Tests.Backplane;
using Xunit;

namespace SseScaling.Tests.Redis;

public sealed class RedisOptionsTests
{
    [Theory]
    [InlineData("History:Length", "0")]
    [InlineData("History:Length", "100001")]
    [InlineData("History:Idle", "00:00:00")]
    [InlineData("History:PositionIdle", "00:30:00")]
    [InlineData("History:KeyLifetime", "2.00:00:00")]
    [InlineData("Redis:Timeout", "00:01:00")]
    [InlineData("Redis:WatchdogInterval", "-00:00:01")]
    [InlineData("Redis:WatchdogFailures", "0")]
    [InlineData("Redis:SubscribeRetryMax", "00:10:00")]
    public async Task An_option_out_of_range_stops_the_start_and_is_named(string name, string value)
    {
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => BackplaneHost.StartAsync("localhost", (name, value)));

        Assert.Contains(name.Split(':')[^1], exception.Message, StringComparison.Ordinal);
    }
}
