using System.Text.RegularExpressions;

namespace LocalAspire.Dashboard.Resources;

/// <summary>Tells which values are masked: by the name, or by a password inside the value. In doubt it is one.</summary>
internal static partial class Secrets
{
    public static bool IsSecret(string name, string? value) =>
        SecretName().IsMatch(name) || (value is not null && SecretValue().IsMatch(value));

    [GeneratedRegex("PASSWORD|PASSWD|PWD$|SECRET|TOKEN|CREDENTIAL|API_?KEY|ACCESS_?KEY|PRIVATE|CONNECTION_?STRING|OTLP_HEADERS|COOKIE", RegexOptions.IgnoreCase)]
    private static partial Regex SecretName();

    // password=…, or user:password@host in a URL.
    [GeneratedRegex(@"(password|pwd|secret|api-?key)\s*=|://[^/\s:@]*:[^/\s@]+@", RegexOptions.IgnoreCase)]
    private static partial Regex SecretValue();
}
