using System.Diagnostics;
using Xunit;

namespace SseScaling.Tests.Testing;

/// <summary>A real nginx with servers of the test's own, in a temporary folder.</summary>
internal sealed class Nginx : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sse-nginx-");
    private readonly Process _process;

    private Nginx(string servers)
    {
        var file = Path.Combine(_folder.FullName, "nginx.conf");
        File.WriteAllText(file, $$"""
            daemon off; pid nginx.pid; error_log stderr crit; events { worker_connections 512; }
            http {
              access_log off; client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
              {{servers}}
            }
            """);
        _process = Process.Start(Paths().First(File.Exists), ["-p", _folder.FullName, "-c", file]);
    }

    /// <summary>Starts it; returns when each of its ports answers.</summary>
    /// <param name="servers">What stands in its <c>http</c> block.</param>
    /// <param name="ports">Where it listens.</param>
    public static async Task<Nginx> StartAsync(string servers, params int[] ports)
    {
        Assert.SkipUnless(Paths().Any(File.Exists), "nginx is not installed.");
        var nginx = new Nginx(servers);
        foreach (var port in ports)
        {
            using var http = Client(port);
            await Eventually.TrueAsync(() => IsUpAsync(http), "nginx answers");
        }

        return nginx;
    }

    /// <summary>A client of one of its ports.</summary>
    public static HttpClient Client(int port) => new() { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = Eventually.Deadline };

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private static IEnumerable<string> Paths() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin").Select(folder => Path.Combine(folder, "nginx"));

    private static async Task<bool> IsUpAsync(HttpClient http)
    {
        try
        {
            using var alive = await http.GetAsync(new Uri("/alive", UriKind.Relative), TestContext.Current.CancellationToken);
            return alive.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
