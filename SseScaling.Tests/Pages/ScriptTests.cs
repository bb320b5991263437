using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Pages;

/// <summary>The scripts' own tests, run by Node; they stand in script/, beside what they test once both are copied.</summary>
public sealed class ScriptTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData("sse-client.test.mjs")]
    [InlineData("monitor.test.mjs")]
    public async Task Under_node_all_pass(string file)
    {
        await using var node = Tool.Start("node", AppContext.BaseDirectory, "--test", Path.Combine("Pages", "script", file));

        await node.SucceedAsync(Deadline);

        Assert.Contains(node.Lines, line => line.StartsWith("# pass ", StringComparison.Ordinal) && line != "# pass 0");
    }
}
