using System.Security.Cryptography;

namespace LocalAspire.Dashboard;

/// <summary>Where the dashboard listens, and what opens it.</summary>
internal sealed record DashboardOptions
{
    /// <summary>The port of the pages, on the loopback addresses only.</summary>
    public required int Port { get; init; }

    /// <summary>The port on which services send OTLP by HTTP.</summary>
    public required int OtlpPort { get; init; }

    /// <summary>Another free port, for one that turns out to be in use.</summary>
    public required Func<int> NextFreePort { get; init; }

    /// <summary>Opens the pages, once; then a cookie does.</summary>
    public string BrowserToken { get; init; } = NewToken();

    /// <summary>What services send as <c>x-otlp-api-key</c>.</summary>
    public string OtlpApiKey { get; init; } = NewToken();

    /// <summary>True: the pages ask for no token.</summary>
    public bool IsAnonymousAllowed { get; init; }

    /// <summary>The name that the pages show.</summary>
    public string ApplicationName { get; init; } = "";

    private static string NewToken() => RandomNumberGenerator.GetHexString(32, lowercase: true);
}
