using System.Diagnostics;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Social;

/// <summary>A stream behind a real nginx, which buffers answers unless told not to.</summary>
public sealed class NginxTests
{
    [Fact]
    public async Task Nginx_passes_events_on_at_once_unless_it_is_made_to_ignore_the_header()
    {
        Assert.SkipUnless(Paths().Any(File.Exists), "nginx is not installed.");
        await using var api = await ApiProcess.StartAsync(null, ("Sse__Heartbeat", "00:00:10"));
        var (obeying, ignoring, off) = (RedisServer.FreePort(), RedisServer.FreePort(), RedisServer.FreePort());
        var folder = Directory.CreateTempSubdirectory("sse-nginx-");
        using var nginx = Start(folder.FullName, $$"""
            daemon off; pid nginx.pid; error_log stderr crit; events { worker_connections 64; }
            http {
              access_log off; client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
              server { listen 127.0.0.1:{{obeying}}; location / { proxy_pass {{api.Addresses[0]}}; proxy_http_version 1.1; } }
              server { listen 127.0.0.1:{{ignoring}}; location / { proxy_pass {{api.Addresses[0]}}; proxy_ignore_headers X-Accel-Buffering; } }
              server { listen 127.0.0.1:{{off}}; location / { proxy_pass {{api.Addresses[0]}}; proxy_ignore_headers X-Accel-Buffering; proxy_buffering off; } }
            }
            """);
        try
        {
            using var direct = Client(obeying);
            using var unbuffered = Client(off);
            using var buffered = Client(ignoring);
            await Eventually.TrueAsync(() => IsUpAsync(direct), "nginx answers");
            await using var one = await direct.OpenUserAsync("1");
            await using var two = await unbuffered.OpenUserAsync("1");
            var held = buffered.OpenUserAsync("1");
            await Eventually.TrueAsync(async () => (await api.Http.StatsAsync()).GetProperty("connections").GetInt32() == 3, "all three streams are open");

            await api.Http.NotifyAsync("1", "1");

            Assert.Equal("1", (await one.NextAsync()).Data);
            Assert.Equal("1", (await two.NextAsync()).Data);
            Assert.False(held.IsCompleted, "nginx passed on a stream that it was to buffer.");
            _ = held.ContinueWith(static ended => ended.Exception, TaskScheduler.Default);
        }
        finally
        {
            nginx.Kill(entireProcessTree: true);
            await nginx.WaitForExitAsync(TestContext.Current.CancellationToken);
            folder.Delete(recursive: true);
        }
    }

    private static IEnumerable<string> Paths() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin").Select(folder => Path.Combine(folder, "nginx"));

    private static Process Start(string folder, string configuration)
    {
        var file = Path.Combine(folder, "nginx.conf");
        File.WriteAllText(file, configuration);
        return Process.Start(Paths().First(File.Exists), ["-p", folder, "-c", file]);
    }

    private static HttpClient Client(int port) => new() { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = Eventually.Deadline };

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
