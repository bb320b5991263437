using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace SseScaling.ServiceDefaults.Health;

/// <summary>The body of a health probe: <c>{"status":"Unhealthy","checks":{"redis":"Unhealthy","self":"Healthy"},"reasons":{"redis":"OOM"}}</c>.</summary>
/// <remarks>
/// Names, states, and the word that a check puts into its data as <c>reason</c>: descriptions and exceptions can hold hosts and passwords, and anybody may ask.
/// </remarks>
internal static class HealthResponse
{
    private const string Reason = "reason";

    public static async Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("status", report.Status.ToString());
        json.WriteStartObject("checks");
        foreach (var (name, entry) in report.Entries)
            json.WriteString(name, entry.Status.ToString());
        json.WriteEndObject();
        var reasons = report.Entries.Where(check => check.Value.Data.ContainsKey(Reason)).ToList();
        if (reasons.Count > 0)
        {
            json.WriteStartObject("reasons");
            foreach (var (name, entry) in reasons)
                json.WriteString(name, entry.Data[Reason].ToString());
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
