using Xunit;

namespace LocalAspire.Tests.Redis;

internal static class Wait
{
    /// <summary>Waits until a condition holds, at most 10 s unless told otherwise.</summary>
    internal static Task UntilAsync(Func<bool> condition, string what, TimeSpan? limit = null) =>
        UntilAsync(() => Task.FromResult(condition()), what, limit);

    /// <inheritdoc cref="UntilAsync(Func{bool}, string, TimeSpan?)"/>
    internal static async Task UntilAsync(Func<Task<bool>> condition, string what, TimeSpan? limit = null)
    {
        using var deadline = new CancellationTokenSource(limit ?? TimeSpan.FromSeconds(10));
        while (!await condition())
        {
            if (deadline.IsCancellationRequested)
                throw new TimeoutException($"Waited in vain for: {what}.");

            await Task.Delay(5, CancellationToken.None);
        }
    }

    /// <summary>Fails instead of hanging.</summary>
    internal static Task Soon(this Task task) => task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

    /// <inheritdoc cref="Soon(Task)"/>
    internal static Task<T> Soon<T>(this Task<T> task) => task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
}
