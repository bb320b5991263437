using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.EndToEnd;

/// <summary>The npm package <c>eventsource</c> under Node, installed beside the test's binaries when it is used first.</summary>
public sealed class NodeClient : IAsyncLifetime
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "clients", "node");
    private static readonly TimeSpan InstallDeadline = TimeSpan.FromMinutes(2);

    public static Tool Subscribe(Uri stream, params string[] events) => Tool.Start("node", Folder, ["subscribe.js", stream.AbsoluteUri, .. events]);

    public async ValueTask InitializeAsync()
    {
        if (Directory.Exists(Path.Combine(Folder, "node_modules", "eventsource")))
            return;
        await using var npm = Tool.Start("npm", Folder, "ci", "--no-audit", "--no-fund");
        await npm.SucceedAsync(InstallDeadline);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
