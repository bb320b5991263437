using System.Text.RegularExpressions;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Docs;

/// <summary>The page that says how an application takes the library: its program is built from the packages as it stands, and run.</summary>
public sealed partial class LibraryDocTests(PackedApplication packed) : IClassFixture<PackedApplication>
{
    [Fact]
    public async Task The_program_of_the_page_runs_in_memory()
    {
        var assembly = await packed.BuildAsync("InMemory", Program(), Snippets());
        await using var process = await RunAsync(assembly);
        await DeliversAsync(process.Http, process.Http);
    }

    [Fact]
    public async Task With_the_line_for_Redis_two_processes_share_their_events()
    {
        const string Plain = "builder.Services.AddSse();";
        var program = Program();
        Assert.Contains(Plain, program, StringComparison.Ordinal);
        var assembly = await packed.BuildAsync("OnRedis", program.Replace(Plain, RedisLine().Match(Page()).Value, StringComparison.Ordinal));
        await using var redis = await RedisServer.StartNewAsync();
        await using var one = await RunAsync(assembly, "--ConnectionStrings:redis", redis.ConnectionString);
        await using var other = await RunAsync(assembly, "--ConnectionStrings:redis", redis.ConnectionString);
        await DeliversAsync(one.Http, other.Http);
    }

    private static string Page() => File.ReadAllText(Path.Combine(PackedApplication.Root, "docs", "library.md"));

    private static string Program()
    {
        var block = ProgramBlock().Match(Page());
        Assert.True(block.Success, "docs/library.md has no block marked with <!-- tested: Program.cs -->.");
        return block.Groups[1].Value;
    }

    /// <summary>The page's other pieces of code, each in a method of its own, with what they take for granted around them: they must compile.</summary>
    private static string Snippets()
    {
        var pieces = Block().Matches(Page()).Select(match => match.Groups[1].Value).ToArray();
        Assert.NotEmpty(pieces);
        var methods = pieces.Select((piece, index) => $"    public static async Task Number{index}()\n    {{\n{piece.Replace("…", "", StringComparison.Ordinal)}        await Task.CompletedTask;\n    }}\n");
        return $$"""
            using Microsoft.AspNetCore.Authorization;
            using Microsoft.AspNetCore.Authorization.Infrastructure;
            using SseScaling;
            using SseScaling.Testing;

            static class Snippets
            {
                static WebApplicationBuilder builder => throw new NotSupportedException();
                static WebApplication app => throw new NotSupportedException();
                static ISseSubscriber sse => throw new NotSupportedException();
                static ISseConnections connections => throw new NotSupportedException();
                static Follows follows => throw new NotSupportedException();
                static string user => "42";
                static string stored => "";
                static CancellationToken stop => default;

            {{string.Concat(methods)}}
            }

            interface Follows { Task<string[]> OfAsync(string user); }

            class OwnOrders : AuthorizationHandler<OperationAuthorizationRequirement, SseTopic>
            {
                protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, OperationAuthorizationRequirement requirement, SseTopic resource) => Task.CompletedTask;
            }

            static class Assert { public static void Equal(string expected, string actual) { } }
            """;
    }

    private static async Task DeliversAsync(HttpClient publisher, HttpClient subscriber)
    {
        await using var stream = await SseClient.OpenAsync(subscriber, "/orders/1/events");
        await stream.LiveAsync();
        using var paid = await publisher.PostAsync("/orders/1/paid", null, TestContext.Current.CancellationToken);
        paid.EnsureSuccessStatusCode();
        var item = await stream.NextAsync();
        Assert.Equal("paid", item.EventType);
        Assert.Equal("""{"id":1}""", item.Data);
    }

    private static async Task<Running> RunAsync(string assembly, params string[] arguments)
    {
        var tool = Tool.Start("dotnet", Path.GetDirectoryName(assembly)!, [assembly, "--urls", "http://127.0.0.1:0", .. arguments]);
        var line = (await tool.LinesAsync(line => line.Contains(Listening, StringComparison.Ordinal), 1))[0];
        var address = line[(line.IndexOf(Listening, StringComparison.Ordinal) + Listening.Length)..].Trim();
        return new Running(tool, new HttpClient { BaseAddress = new Uri(address), Timeout = Eventually.Deadline });
    }

    private const string Listening = "Now listening on: ";

    [GeneratedRegex("(?<!<!-- tested: Program.cs -->\n)```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("<!-- tested: Program.cs -->\n```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex ProgramBlock();

    [GeneratedRegex(@"builder\.Services\.AddSse\(\)\.AddRedis\(.*")]
    private static partial Regex RedisLine();

    private sealed record Running(Tool Tool, HttpClient Http) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            Http.Dispose();
            await Tool.DisposeAsync();
        }
    }
}
