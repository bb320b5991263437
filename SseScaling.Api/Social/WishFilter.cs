namespace SseScaling.Api.Social;

/// <summary>Lets those events pass that a user wants: of a type of interest, and by nobody who is muted.</summary>
internal sealed class WishFilter : SseFilter
{
    private readonly IReadOnlySet<string>? _interests;
    private readonly IReadOnlySet<string> _muted;

    private WishFilter(UserSettings settings) => (_interests, _muted) = (settings.Interests, settings.Muted);

    /// <summary>The filter of what a user wants; null when that is everything.</summary>
    public static WishFilter? Of(UserSettings settings) => settings is { Interests: null, Muted.Count: 0 } ? null : new WishFilter(settings);

    public override bool Wants(SseEventView e)
    {
        if (_interests is not null && (e.Property("type") is not { } type || !_interests.Contains(type)))
            return false;
        return _muted.Count == 0 || e.Property("authorId") is not { } author || !_muted.Contains(author);
    }

    public override bool Equals(object? obj) => obj is WishFilter other && _muted.SetEquals(other._muted)
        && (_interests is null ? other._interests is null : other._interests is not null && _interests.SetEquals(other._interests));

    public override int GetHashCode() => HashCode.Combine(_interests?.Count, _muted.Count);
}
