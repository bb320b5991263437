using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Social;

/// <summary>A stream behind a real nginx, which buffers answers unless told not to.</summary>
public sealed class NginxTests
{
    [Fact]
    public async Task Nginx_passes_events_on_at_once_unless_it_is_made_to_ignore_the_header()
    {
        await using var api = await ApiProcess.StartAsync(null, ("Sse__Heartbeat", "00:00:10"));
        var (obeying, ignoring, off) = (RedisServer.FreePort(), RedisServer.FreePort(), RedisServer.FreePort());
        await using var nginx = await Nginx.StartAsync(
            $$"""
            server { listen 127.0.0.1:{{obeying}}; location / { proxy_pass {{api.Addresses[0]}}; proxy_http_version 1.1; } }
            server { listen 127.0.0.1:{{ignoring}}; location / { proxy_pass {{api.Addresses[0]}}; proxy_ignore_headers X-Accel-Buffering; } }
            server { listen 127.0.0.1:{{off}}; location / { proxy_pass {{api.Addresses[0]}}; proxy_ignore_headers X-Accel-Buffering; proxy_buffering off; } }
            """,
            obeying,
            off);
        using var direct = Nginx.Client(obeying);
        using var unbuffered = Nginx.Client(off);
        using var buffered = Nginx.Client(ignoring);
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
}
