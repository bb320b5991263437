using System.Globalization;
using System.Text;
using SseScaling.Backplane;
using SseScaling.Protocol;

namespace SseScaling.Tests.Testing;

/// <summary>Short forms for events and what they carry.</summary>
internal static class Drafts
{
    private static int _topics;

    /// <summary>A topic that no other test uses.</summary>
    public static string NewTopic(string name = "topic") => string.Create(CultureInfo.InvariantCulture, $"{name}-{Interlocked.Increment(ref _topics)}");

    public static SseEvent Draft(string topic, string data = "{}", string? key = null, bool durable = true) =>
        new(topic, Encoding.UTF8.GetBytes(data)) { Key = key, Durable = durable };

    /// <summary>Events whose data are the numbers from 1 to count.</summary>
    public static SseEvent[] Numbered(string topic, int count) =>
        [.. Enumerable.Range(1, count).Select(number => Draft(topic, number.ToString(CultureInfo.InvariantCulture)))];

    public static string Text(this EventEnvelope envelope) => Encoding.UTF8.GetString(envelope.Data.Span);

    public static int Number(this EventEnvelope envelope) => int.Parse(envelope.Text(), CultureInfo.InvariantCulture);

    public static IEnumerable<EventEnvelope> Envelopes(this HistoryPage page) => page.Events.Select(EventEnvelope.Parse);
}
