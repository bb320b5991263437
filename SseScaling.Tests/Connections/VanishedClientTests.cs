using System.Globalization;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Connections;

/// <summary>A client behind a link of its own, in a network namespace, that goes down without a word.</summary>
public sealed class VanishedClientTests
{
    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task A_client_whose_link_goes_down_is_known_to_be_gone_within_three_heartbeats_and_the_write_timeout(string direct)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && OperatingSystem.IsLinux(), "Network namespaces need root, on Linux.");
        await using var network = await Network.CreateAsync();
        await using var api = await ApiProcess.StartAsync(
            null, ("ASPNETCORE_URLS", $"http://{network.Server}:0"), ("Sse__DirectSockets", direct), ("Sse__Heartbeat", "00:00:01"), ("Sse__WriteTimeout", "00:00:02"));
        await using var client = Tool.Start("ip", "/", "netns", "exec", network.Name, "curl", "-sN", $"{api.Addresses[0]}api/stream?topic=vanishing");
        await client.LinesAsync(line => line.StartsWith("id: 0-0", StringComparison.Ordinal), 1);

        await network.CutAsync();

        // The limit is 3 s here; the system's own is a quarter of an hour.
        await api.LoggedAsync("(vanishing) disconnected");
    }

    private sealed class Network : IAsyncDisposable
    {
        private static int _numbers;

        // Of this process: the system takes down what another one has deleted in its own time. Links have at most 15 characters.
        private readonly string _own = string.Create(CultureInfo.InvariantCulture, $"sse{Environment.ProcessId}-{Interlocked.Increment(ref _numbers)}");
        private readonly string _subnet = string.Create(CultureInfo.InvariantCulture, $"10.{200 + _numbers}.{Environment.ProcessId % 250}");

        private bool _isLinked;

        public string Name => _own;

        public string Server => $"{_subnet}.1";

        private string Inside => $"{_own}i";

        private string Outside => $"{_own}o";

        public static async Task<Network> CreateAsync()
        {
            var network = new Network();
            await RunAsync("netns", "add", network.Name);
            try
            {
                await network.ConnectAsync();
                return network;
            }
            catch
            {
                await network.DisposeAsync();
                throw;
            }
        }

        /// <summary>What the server sends arrives nowhere from now on.</summary>
        public Task CutAsync() => RunAsync("-n", Name, "link", "set", Inside, "down");

        // The namespace itself stays until the last connection within it has given up; the pair of links must not.
        public async ValueTask DisposeAsync()
        {
            if (_isLinked)
                await RunAsync("link", "delete", Outside);
            await RunAsync("netns", "delete", Name);
        }

        private async Task ConnectAsync()
        {
            await RunAsync("link", "add", Outside, "type", "veth", "peer", "name", Inside, "netns", Name);
            _isLinked = true;
            await RunAsync("address", "add", $"{Server}/30", "dev", Outside);
            await RunAsync("link", "set", Outside, "up");
            await RunAsync("-n", Name, "address", "add", $"{_subnet}.2/30", "dev", Inside);
            await RunAsync("-n", Name, "link", "set", Inside, "up");
        }

        private static async Task RunAsync(params string[] arguments)
        {
            await using var ip = Tool.Start("ip", "/", arguments);
            await ip.SucceedAsync(Eventually.Deadline);
        }
    }
}
