using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using SseScaling.Redis;
using StackExchange.Redis;

namespace SseScaling.Api.Access;

/// <summary>The keys of the session cookies, for all replicas: a cookie that one of them gave is taken by each. Redis holds them as they are: whoever reads it can make cookies.</summary>
internal sealed class SessionKeys(RedisLink link) : IXmlRepository
{
    private const string Key = "sse:session-keys";

    // Asked a few times a day, by an interface that does not wait.
    public IReadOnlyCollection<XElement> GetAllElements() =>
        [.. link.AskAsync(database => database.ListRangeAsync(Key)).GetAwaiter().GetResult().Select(element => XElement.Parse(element.ToString()))];

    public void StoreElement(XElement element, string friendlyName) =>
        link.AskAsync(database => database.ListRightPushAsync(Key, (RedisValue)element.ToString(SaveOptions.DisableFormatting))).GetAwaiter().GetResult();
}
