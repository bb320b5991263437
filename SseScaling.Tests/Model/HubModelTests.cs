using FsCheck;
using FsCheck.Fluent;
using SseScaling.Tests.Faults;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Model;

/// <summary>Random interleavings of what clients, publishers and the backplane do, against a simple model of what every client must get.</summary>
[Collection(Alone.Name)]
public sealed class HubModelTests
{
    private const int InMemory = 150;
    private const int OnRedis = 12;

    // Far beyond what it takes, so that only a hub that stands still fails; shorter while a counterexample is made small, which takes many failures.
    private static readonly TimeSpan SettleDeadline = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ShrinkDeadline = TimeSpan.FromSeconds(1.5);

    private static readonly (int, Gen<Act>)[] Acts =
    [
        (8, Gen.Constant(Act.Publish)), (1, Gen.Constant(Act.PublishPlain)), (6, Gen.Constant(Act.Connect)), (4, Gen.Constant(Act.Drop)),
        (2, Gen.Constant(Act.Stall)), (2, Gen.Constant(Act.Trim)), (1, Gen.Constant(Act.Flush)), (2, Gen.Constant(Act.Deafen)),
        (2, Gen.Constant(Act.Outage)), (1, Gen.Constant(Act.SlowReads)), (1, Gen.Constant(Act.Settle)),
    ];

    [Fact]
    public void Whatever_happens_every_client_gets_each_event_once_and_in_order_or_a_true_gap() =>
        Check(InMemory, Acts, () => Task.FromResult<IBackend>(new MemoryBackend()));

    [Fact]
    public async Task Whatever_happens_to_a_real_Redis_as_well()
    {
        await using var redis = await RedisServer.StartNewAsync(appendOnly: true);
        Check(OnRedis, [.. Acts, (1, Gen.Constant(Act.Restart))], async () => await RedisBackend.StartAsync(redis));
    }

    private static void Check(int scenarios, (int, Gen<Act>)[] acts, Func<Task<IBackend>> start)
    {
        var steps =
            from act in Gen.Frequency(acts)
            from who in Gen.Choose(0, World.Clients - 1)
            from count in Gen.Choose(1, 12)
            select new ModelStep(act, who, count);
        var arbitrary = Arb.From(Gen.ArrayOf(steps).Select(taken => new Scenario(taken)), scenario => scenario.Shrink());
        var deadline = SettleDeadline;
        var property = Prop.ForAll(arbitrary, (Scenario scenario) =>
        {
            try
            {
                RunAsync(scenario, start, deadline).GetAwaiter().GetResult();
            }
            catch
            {
                deadline = ShrinkDeadline;
                throw;
            }
        });
        FsCheck.Check.One(Config.QuickThrowOnFailure.WithMaxTest(scenarios).WithStartSize(5).WithEndSize(60), property);
    }

    private static async Task RunAsync(Scenario scenario, Func<Task<IBackend>> start, TimeSpan settleDeadline)
    {
        await using var world = new World(await start(), settleDeadline);
        await world.RunAsync(scenario);
    }
}
