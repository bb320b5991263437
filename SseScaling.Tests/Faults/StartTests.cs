using System.Globalization;
using System.Net;
using System.Net.Sockets;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Faults;

/// <summary>Where and as whom a replica is started, and what is said when it cannot start.</summary>
public sealed class StartTests
{
    [Theory]
    [InlineData("env -C /")]
    [InlineData("env -u HOME")]
    [InlineData("""unshare -rm sh -c 'mount -o remount,bind,ro / && exec "$@"' sh""")]
    [InlineData("unshare -U")]
    public async Task A_replica_serves_from_any_folder_without_a_home_on_a_file_system_that_is_read_only_and_as_nobody(string within)
    {
        await using var api = await ApiProcess.StartAsync(null, (ApiProcess.Within, within));
        await using var stream = await SseClient.OpenTopicsAsync(api.Http, "a");
        await stream.LiveAsync();
        await api.Http.PublishAsync("a", "1");

        Assert.Equal("1", (await stream.NextAsync()).Data);
    }

    [Theory]
    [InlineData("Sse__Heartbeat", "00:00:00", "Heartbeat")]
    [InlineData("Sse__MaxConnections", "x", "MaxConnections")]
    [InlineData("ConnectionStrings__redis", "localhost,nonsense=1", "nonsense")]
    public async Task A_mistake_in_the_settings_is_a_sentence_and_no_crash(string name, string value, string named)
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => ApiProcess.StartAsync(null, (name, value)));

        Assert.Contains(named, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled exception", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{((IPEndPoint)other.LocalEndpoint).Port}");

        var failure = await Assert.ThrowsAnyAsync<Exception>(() => ApiProcess.StartAsync(null, ("ASPNETCORE_URLS", url)));

        Assert.Contains($"Failed to bind to address {url}: address already in use. Stop the process that has the port", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled exception", failure.Message, StringComparison.Ordinal);
    }
}
