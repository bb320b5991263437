using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace LocalAspire.Dashboard.Http;

/// <summary>The files of the pages, from this assembly.</summary>
internal static class Assets
{
    private static readonly ConcurrentDictionary<string, (byte[] Bytes, EntityTagHeaderValue Tag)?> Files = new();

    public static IResult Page(string name, int status = StatusCodes.Status200OK) => new StatusPage(name, status);

    /// <summary>A file, asked for anew each time but sent only when it has changed.</summary>
    public static IResult File(HttpContext context, string name)
    {
        if (Read(name) is not { } file)
            return Results.NotFound();
        context.Response.Headers.CacheControl = "no-cache";
        return Results.Bytes(file.Bytes, ContentType(name), entityTag: file.Tag);
    }

    private static (byte[] Bytes, EntityTagHeaderValue Tag)? Read(string name) => Files.GetOrAdd(name, static key =>
    {
        using var stream = typeof(Assets).Assembly.GetManifestResourceStream(key);
        if (stream is null)
            return null;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return (bytes, new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 8))}\""));
    });

    private static string ContentType(string name) => Path.GetExtension(name) switch
    {
        ".js" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        ".html" => "text/html; charset=utf-8",
        _ => "application/octet-stream",
    };

    private sealed class StatusPage(string name, int status) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = status;
            httpContext.Response.ContentType = ContentType(name);
            await httpContext.Response.Body.WriteAsync(Read(name)!.Value.Bytes, httpContext.RequestAborted);
        }
    }
}
