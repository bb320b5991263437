using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using SseScaling.Redis;
using StackExchange.Redis;

namespace SseScaling.Api.Access;

/// <summary>The keys of the session cookies, for all replicas: a cookie that one of them gave is taken by each. Redis holds them as they are: whoever reads it can make cookies.</summary>
internal sealed class SessionKeys(RedisLink link) : IXmlRepository
{
    private const string Key = "sse:session-keys";

    // The keys are read ahead while the replica starts, maybe before its connection to Redis stands.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public IReadOnlyCollection<XElement> GetAllElements() =>
        [.. Ask(database => database.ListRangeAsync(Key)).Select(element => XElement.Parse(element.ToString()))];

    public void StoreElement(XElement element, string friendlyName) =>
        Ask(database => database.ListRightPushAsync(Key, (RedisValue)element.ToString(SaveOptions.DisableFormatting)));

    // Asked a few times a day, by an interface that does not wait.
    private T Ask<T>(Func<IDatabase, Task<T>> ask) => AskAsync(ask).GetAwaiter().GetResult();

    private async Task<T> AskAsync<T>(Func<IDatabase, Task<T>> ask)
    {
        await link.WhenReachableAsync(CancellationToken.None).WaitAsync(Patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return await link.AskAsync(ask);
    }
}
