using Xunit;

namespace SseScaling.Tests.Testing;

/// <summary>Waits for conditions that nothing announces.</summary>
public static class Eventually
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    public static Task TrueAsync(Func<bool> condition, string what, TimeSpan? within = null) => TrueAsync(() => Task.FromResult(condition()), what, within);

    public static async Task TrueAsync(Func<Task<bool>> condition, string what, TimeSpan? within = null)
    {
        var deadline = TimeProvider.System.GetTimestamp();
        var limit = within ?? Deadline;
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(deadline) < limit, $"Not within {limit.TotalSeconds} s: {what}.");
            await Task.Delay(Interval);
        }
    }
}
