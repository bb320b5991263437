using System.Text.Json;
using Microsoft.Extensions.Options;

namespace SseScaling.Api.Social;

/// <summary>
/// Which events for users are published at all: what a user does not want is neither stored nor sent. Streams filter too, for what comes another way or was
/// published before the user decided.
/// </summary>
internal sealed class WantedEvents(ISocialStore store, IOptions<SocialOptions> options)
{
    /// <summary>Says of each draft whether it shall be published. Those for other topics than users' are.</summary>
    /// <exception cref="SseUnavailableException">The users' wishes cannot be read at the moment.</exception>
    public async Task<bool[]> SelectAsync(IReadOnlyList<SseEvent> drafts)
    {
        var wanted = new bool[drafts.Count];
        Array.Fill(wanted, true);
        if (!options.Value.SelectiveDelivery)
            return wanted;

        var events = drafts.Index()
            .Where(draft => SocialTopics.UserOf(draft.Item.Topic) is not null)
            .Select(draft => (draft.Index, Event: new UserEvent(SocialTopics.UserOf(draft.Item.Topic)!, Read(draft.Item.Data, "authorId"), Read(draft.Item.Data, "type") ?? "")))
            .ToArray();
        var answers = await store.AreWantedAsync([.. events.Select(one => one.Event)]);
        foreach (var (number, (index, _)) in events.Index())
            wanted[index] = answers[number];
        return wanted;
    }

    /// <summary>A top-level property that is a string or a number; null where there is none.</summary>
    private static string? Read(ReadOnlyMemory<byte> data, string property)
    {
        try
        {
            using var json = JsonDocument.Parse(data);
            if (json.RootElement.ValueKind != JsonValueKind.Object || !json.RootElement.TryGetProperty(property, out var value))
                return null;
            return value.ValueKind switch
            {
                JsonValueKind.String => value.GetString(),
                JsonValueKind.Number => value.GetRawText(),
                _ => null,
            };
        }
        catch (InvalidOperationException)
        {
            return null; // A string that is no valid Unicode.
        }
    }
}
