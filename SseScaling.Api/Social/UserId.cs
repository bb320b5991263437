using System.Text;

namespace SseScaling.Api.Social;

/// <summary>What a user may be called in the social endpoints.</summary>
internal static class UserId
{
    /// <summary>The longest id, in bytes of UTF-8.</summary>
    public const int MaxBytes = 128;

    /// <summary>A sentence that says what is wrong with an id; null when it is good.</summary>
    public static string? Problem(string? user)
    {
        if (string.IsNullOrEmpty(user))
            return "A user id is empty: name the user, e.g. 42.";
        if (Encoding.UTF8.GetByteCount(user) > MaxBytes)
            return $"A user id has at most {MaxBytes} bytes of UTF-8: choose a shorter one.";
        return user.All(IsAllowed) ? null : $"The user id '{Shown(user)}' has a form that is unknown here: letters, digits, '-', '_', '.', '@' and ':' are allowed.";
    }

    // Surrogates are neither: the order of what is left is the same in UTF-16 and UTF-8, which paging by name relies on.
    private static bool IsAllowed(char c) => char.IsLetterOrDigit(c) || c is '-' or '_' or '.' or '@' or ':';

    private static string Shown(string user) => string.Concat(user.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
}
