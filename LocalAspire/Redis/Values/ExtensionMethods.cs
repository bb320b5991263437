using System.Diagnostics.CodeAnalysis;

namespace StackExchange.Redis;

/// <summary>Conversions of whole arrays.</summary>
[SuppressMessage("Naming", "CA1724", Justification = "The API of StackExchange.Redis.")]
public static class ExtensionMethods
{
    /// <summary>The values as texts; null stays null.</summary>
    [return: NotNullIfNotNull(nameof(values))]
    public static string?[]? ToStringArray(this RedisValue[]? values) =>
        values is null ? null : Array.ConvertAll(values, value => (string?)value);

    /// <summary>The texts as values; null stays null.</summary>
    [return: NotNullIfNotNull(nameof(values))]
    public static RedisValue[]? ToRedisValueArray(this string[]? values) =>
        values is null ? null : Array.ConvertAll(values, value => (RedisValue)value);

    /// <summary>A hash as a dictionary of texts; null stays null.</summary>
    [return: NotNullIfNotNull(nameof(hash))]
    public static Dictionary<string, string>? ToStringDictionary(this HashEntry[]? hash) =>
        hash?.ToDictionary(entry => entry.Name.ToString(), entry => entry.Value.ToString(), StringComparer.Ordinal);

    /// <summary>A hash as a dictionary of values; null stays null.</summary>
    [return: NotNullIfNotNull(nameof(hash))]
    public static Dictionary<RedisValue, RedisValue>? ToDictionary(this HashEntry[]? hash) =>
        hash?.ToDictionary(entry => entry.Name, entry => entry.Value);
}
