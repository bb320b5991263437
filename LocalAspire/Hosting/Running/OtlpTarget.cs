namespace LocalAspire;

/// <summary>
/// Where the services send their telemetry. Empty: they send none. Whoever receives it, such as a dashboard, sets this before the
/// resources start.
/// </summary>
internal sealed class OtlpTarget
{
    /// <summary>The URL of the OTLP endpoint; null: there is none.</summary>
    public string? Endpoint { get; set; }

    /// <summary>grpc or http/protobuf.</summary>
    public string Protocol { get; set; } = "grpc";

    /// <summary>Sent with each request, e.g. <c>x-otlp-api-key=…</c>.</summary>
    public string? Headers { get; set; }
}
