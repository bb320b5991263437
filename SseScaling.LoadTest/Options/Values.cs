using System.Globalization;
using System.Net;

namespace SseScaling.LoadTest.Options;

/// <summary>Reads the values of options, with one sentence for what cannot be read.</summary>
internal static class Values
{
    private static readonly (string Suffix, double Seconds)[] Units = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("", 1)];

    /// <summary>A duration: <c>500ms</c>, <c>60s</c>, <c>5m</c>, <c>1h</c>; a bare number is seconds.</summary>
    public static TimeSpan Duration(string option, string text)
    {
        foreach (var (suffix, seconds) in Units)
        {
            if (!text.EndsWith(suffix, StringComparison.Ordinal)) continue;
            if (!double.TryParse(text[..^suffix.Length], NumberStyles.Float, CultureInfo.InvariantCulture, out var number)) continue;
            if (number >= 0 && number * seconds <= TimeSpan.FromDays(7).TotalSeconds) return TimeSpan.FromSeconds(number * seconds);
        }
        throw new UsageException($"{option} '{text}' is no duration: write for example 500ms, 60s, 5m or 1h, at most 7 days.");
    }

    /// <summary>A share: <c>10%</c> or <c>0.1</c>.</summary>
    public static double Share(string option, string text)
    {
        var percent = text.EndsWith('%');
        if (double.TryParse(text.TrimEnd('%'), NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            var share = percent ? number / 100 : number;
            if (share is >= 0 and <= 1) return share;
        }
        throw new UsageException($"{option} '{text}' is no share: write for example 10% or 0.1.");
    }

    /// <summary>A number within bounds.</summary>
    public static double Number(string option, string text, double least, double most)
    {
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)) throw new UsageException($"{option} '{text}' is no number.");
        return Within(option, number, least, most);
    }

    /// <summary>A whole number within bounds.</summary>
    public static int Whole(string option, string text, int least, int most)
    {
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)) throw new UsageException($"{option} '{text}' is no whole number.");
        return (int)Within(option, number, least, most);
    }

    /// <summary>The way events take to the server.</summary>
    public static PublishVia Way(string text) => Enum.TryParse<PublishVia>(text, ignoreCase: true, out var way) && Enum.IsDefined(way)
        ? way
        : throw new UsageException($"--publish '{text}' is no way to publish: take api, redis or none.");

    /// <summary>A base URL.</summary>
    public static Uri Url(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.Host.Length == 0)
        {
            throw new UsageException($"--url '{text}' is no URL: write for example http://localhost:5080.");
        }
        if (url.Scheme == "https")
        {
            throw new UsageException($"--url '{text}' asks for TLS, which this tool does not speak: give it the servers' http addresses behind the TLS proxy.");
        }
        return url;
    }

    /// <summary>A local address.</summary>
    public static IPAddress Address(string text) => IPAddress.TryParse(text, out var address)
        ? address
        : throw new UsageException($"--source '{text}' is no IP address.");

    /// <summary>A header line.</summary>
    public static string Header(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || text.Any(c => c is '\r' or '\n' || c > 126)) throw new UsageException($"--header '{text}' is no header: write 'Name: value'.");
        return text;
    }

    private static double Within(string option, double number, double least, double most) => number >= least && number <= most
        ? number
        : throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"{option} {number} is out of range: {least:#,0.###} to {most:#,0.###}."));
}
