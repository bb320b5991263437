using Microsoft.Extensions.DependencyInjection;
using SseScaling.Api.Delivery;
using SseScaling.Api.Telemetry;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Model;

public sealed class TimingWheelTests
{
    [Fact]
    public async Task The_wheel_looks_again_when_it_was_asked_to_and_only_then()
    {
        await using var services = new ServiceCollection().AddLogging().AddMetrics().AddOptions()
            .AddSingleton<DeliveryMetrics>().AddSingleton<ConnectionRegistry>().BuildServiceProvider();
        var looks = new Dictionary<string, int> { ["again"] = 0, ["once"] = 0 };
        var wheel = new TimingWheel(connection =>
        {
            lock (looks)
                return ++looks[connection.Label] < 3 && connection.Label == "again" ? 1 : 0;
        });
        var registry = services.GetRequiredService<ConnectionRegistry>();
        wheel.Add(new ModelConnection(registry, "again"), 1);
        wheel.Add(new ModelConnection(registry, "once"), 1);
        using var stop = new CancellationTokenSource();
        var turning = wheel.RunAsync(stop.Token);
        await Eventually.TrueAsync(() => Looks("again") == 3, "the wheel came round three times");
        await stop.CancelAsync();
        await turning;
        Assert.Equal(1, Looks("once"));

        int Looks(string label)
        {
            lock (looks)
                return looks[label];
        }
    }
}
