using Microsoft.Extensions.DependencyInjection;
using SseScaling.Connections;
using Xunit;

namespace SseScaling.Tests.Model;

public sealed class TimingWheelTests
{
    [Fact]
    public async Task The_wheel_looks_again_when_it_was_asked_to_and_only_then()
    {
        await using var services = Services();
        var looks = new List<string>();
        var wheel = new TimingWheel(connection =>
        {
            looks.Add(connection.Label);
            return connection.Label == "again" && looks.Count(label => label == "again") < 3 ? 1 : 0;
        });
        var registry = services.GetRequiredService<ConnectionRegistry>();
        wheel.Add(new ModelConnection(registry, "again"), 1);
        wheel.Add(new ModelConnection(registry, "once"), 1);

        for (var turn = 0; turn < 5; turn++)
            wheel.Turn();

        Assert.Equal(["again", "once", "again", "again"], looks);
    }

    [Fact]
    public async Task A_look_that_fails_costs_no_connection_its_turn()
    {
        await using var services = Services();
        var looks = new List<string>();
        var wheel = new TimingWheel(connection =>
        {
            looks.Add(connection.Label);
            return looks.Count == 1 ? throw new InvalidOperationException("Of no known kind.") : 0;
        });
        var registry = services.GetRequiredService<ConnectionRegistry>();
        wheel.Add(new ModelConnection(registry, "failing"), 1);
        wheel.Add(new ModelConnection(registry, "other"), 1);

        Assert.Throws<InvalidOperationException>(wheel.Turn);
        wheel.Turn();

        Assert.Equal(["failing", "other", "failing"], looks);
    }

    private static ServiceProvider Services() => new ServiceCollection().AddEngine().BuildServiceProvider();
}
