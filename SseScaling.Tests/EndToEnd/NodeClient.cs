using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.EndToEnd;

/// <summary>npm's packages for event streams under Node, installed beside the test's binaries when it is used first.</summary>
public sealed class NodeClient : IAsyncLifetime
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "clients", "node");
    private static readonly TimeSpan InstallDeadline = TimeSpan.FromMinutes(2);

    /// <summary>The packages: two generations of one that behaves as the HTML standard has it, and one with an interface of its own.</summary>
    public static readonly string[] Kinds = ["eventsource", "eventsource-2", "eventsource-client"];

    public static Tool Subscribe(Uri stream, params string[] events) => Tool.Start("node", Folder, ["subscribe.js", stream.AbsoluteUri, .. events]);

    /// <summary>Several clients of one kind.</summary>
    public static Tool Subscribe(string kind, int count, Uri stream) =>
        Tool.Start("/usr/bin/env", Folder, [$"CLIENT={kind}", $"COUNT={count}", "node", "subscribe.js", stream.AbsoluteUri]);

    public async ValueTask InitializeAsync()
    {
        if (Directory.Exists(Path.Combine(Folder, "node_modules", "eventsource-client")))
            return;
        await using var npm = Tool.Start("npm", Folder, "ci", "--no-audit", "--no-fund");
        await npm.SucceedAsync(InstallDeadline);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
