using Microsoft.AspNetCore.Http;

namespace SseScaling.ServiceDefaults.Health;

/// <summary>Where the probes are answered.</summary>
internal static class HealthRoutes
{
    /// <summary>All checks: whether requests may come.</summary>
    public const string Ready = "/health";

    /// <summary>The checks of the process itself: whether it must be restarted.</summary>
    public const string Alive = "/alive";

    /// <summary>Whether a request is a probe.</summary>
    public static bool IsProbe(HttpRequest request) =>
        request.Path.StartsWithSegments(Ready) || request.Path.StartsWithSegments(Alive);
}
