using System.Text.Json;

namespace SseScaling.LoadTest.Report;

/// <summary>Writes and reads report.json, and writes report.html.</summary>
internal static class ReportFiles
{
    private const string Placeholder = "/*REPORT*/null";

    /// <summary>Sees that both files can be written, before a long run is made for nothing.</summary>
    /// <exception cref="UsageException">They cannot.</exception>
    public static void Prepare(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            foreach (var file in new[] { JsonPath(folder), HtmlPath(folder) }) File.Open(file, FileMode.OpenOrCreate, FileAccess.Write).Dispose();
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--out '{folder}' cannot be written: {problem.Message}");
        }
    }

    /// <summary>Writes both.</summary>
    public static async Task WriteAsync(string folder, RunReport report)
    {
        var json = JsonSerializer.Serialize(report, ReportJson.Default.RunReport);
        await File.WriteAllTextAsync(JsonPath(folder), json + "\n");
        await File.WriteAllTextAsync(HtmlPath(folder), Html(json));
    }

    /// <summary>Reads a report.json.</summary>
    /// <exception cref="UsageException">It is none.</exception>
    public static async Task<RunReport> ReadAsync(string path)
    {
        try
        {
            await using var file = File.OpenRead(path);
            var report = await JsonSerializer.DeserializeAsync(file, ReportJson.Default.RunReport);
            if (report?.Schema == RunReport.CurrentSchema) return report;
            throw new UsageException($"'{path}' is no report of this version: its schema is '{report?.Schema}', not '{RunReport.CurrentSchema}'.");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new UsageException($"'{path}' cannot be read as a report: {problem.Message}");
        }
    }

    /// <summary>The page for a report: self-contained, the report inside.</summary>
    public static string Html(string json)
    {
        using var stream = typeof(ReportFiles).Assembly.GetManifestResourceStream("report.html")!;
        using var reader = new StreamReader(stream);
        // System.Text.Json escapes '<', so that no text of the report can end the script element.
        return reader.ReadToEnd().Replace(Placeholder, json);
    }

    /// <summary>Where report.json is.</summary>
    public static string JsonPath(string folder) => Path.Combine(folder, "report.json");

    /// <summary>Where report.html is.</summary>
    public static string HtmlPath(string folder) => Path.Combine(folder, "report.html");
}
