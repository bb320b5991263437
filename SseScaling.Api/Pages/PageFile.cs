using System.Collections.Immutable;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace SseScaling.Api.Pages;

/// <summary>A file of <c>wwwroot/</c>. It is embedded in the assembly, so that it is there whatever folder the process starts in.</summary>
internal sealed class PageFile
{
    /// <summary>
    /// Nothing but this origin's own files: no inline script or style, no frame around the pages, and, with trusted types, no text that is made
    /// into markup.
    /// </summary>
    public const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        + "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    private const string Prefix = "wwwroot/";

    private readonly byte[] _content;
    private readonly string _type;
    private readonly EntityTagHeaderValue _tag;

    private PageFile(string name, byte[] content)
    {
        _content = content;
        _type = TypeOf(name);
        _tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 12))}\"");
        Paths = name switch
        {
            "index.html" => ["/", "/index.html"],
            "monitor.html" => ["/monitor", "/monitor.html"],
            _ => ["/" + name],
        };
    }

    /// <summary>All of them.</summary>
    public static ImmutableArray<PageFile> All { get; } =
    [
        .. typeof(PageFile).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(name => new PageFile(name[Prefix.Length..], Read(typeof(PageFile).Assembly, name))),
    ];

    /// <summary>Where it is found.</summary>
    public ImmutableArray<string> Paths { get; }

    /// <summary>Answers with the file, or with 304 to who has it already.</summary>
    public async Task ServeAsync(HttpContext context)
    {
        var headers = context.Response.GetTypedHeaders();
        headers.ETag = _tag;
        // Replicas of two versions may stand behind one proxy: a browser asks each time, and mostly gets 304.
        headers.CacheControl = new CacheControlHeaderValue { NoCache = true };
        context.Response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        await Results.Bytes(_content, _type, entityTag: _tag).ExecuteAsync(context);
    }

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".mjs" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => "text/plain; charset=utf-8",
    };

    private static byte[] Read(Assembly assembly, string name)
    {
        using var stream = assembly.GetManifestResourceStream(name)!;
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }
}
