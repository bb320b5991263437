using System.Globalization;

namespace SseScaling.Cluster;

/// <summary>One stream in the whole cluster: <see cref="SseConnection.Id"/>.</summary>
/// <param name="Instance">The replica that serves it.</param>
/// <param name="Number">Its number there.</param>
internal readonly record struct StreamName(string Instance, long Number)
{
    public static StreamName? Parse(string text) =>
        text.LastIndexOf('/') is > 0 and var slash && long.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new(text[..slash], number)
            : null;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Instance}/{Number}");
}
