using System.Text.RegularExpressions;
using SseScaling.Tests.Docs;
using SseScaling.Tests.Social;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Access;

/// <summary>A replica whose user in Redis may do what docs/security.md says, and nothing else.</summary>
public sealed partial class LeastRightsTests
{
    [Fact]
    public async Task With_the_rights_that_are_documented_everything_works_and_nothing_else_is_allowed()
    {
        await using var redis = await RedisServer.StartNewAsync();
        var page = await File.ReadAllTextAsync(Path.Combine(PackedApplication.Root, "docs", "security.md"), TestContext.Current.CancellationToken);
        var line = Acl().Match(page).Groups["rules"].Value.Replace("PASSWORD", "secret", StringComparison.Ordinal);
        Assert.Equal("OK", await redis.CliAsync([.. line.Split(' ')]));
        // Whoever connects without a password is nobody; this test's own redis-cli included, which has its say by the user that it then names.
        await using var api = await ApiProcess.StartAsync(redis, ("ConnectionStrings__redis", $"{redis.ConnectionString},user=sse,password=secret"));
        await api.HealthyAsync();
        await using var stream = await SseClient.OpenTopicsAsync(api.Http, "a", "notifications:9", "notifications:8");
        await stream.LiveAsync();

        await api.Http.PublishAsync("a", "1", ",\"key\":\"k\"");
        await api.Http.DoneAsync(HttpMethod.Put, "/api/users/7/followers/9");
        await api.Http.DoneAsync(HttpMethod.Put, "/api/users/8/interests", """["like"]""");
        await api.Http.DoneAsync(HttpMethod.Put, "/api/users/8/muted/7");
        await api.Http.PostAsync("7", "1");
        Assert.Equal("1", (await stream.NextAsync()).Data);
        Assert.Contains("new-post", (await stream.NextAsync()).Data, StringComparison.Ordinal);
        await using (var resumed = await SseClient.OpenAsync(api.Http, "/api/notifications?userId=9", "1-0"))
            await resumed.LiveAsync();

        // The client library also asks for settings, which can hold passwords, and does without.
        var refused = (await redis.CliAsync("ACL", "LOG")).Split('\n').SkipWhile(line => line != "object").ToArray();
        var objects = refused.Index().Where(line => line.Item == "object").Select(line => refused[line.Index + 1]);
        Assert.All(objects, one => Assert.Equal("config|get", one));
        foreach (var command in new[] { "KEYS *", "FLUSHALL", "CONFIG GET *", "SET other 1", "ACL LIST", "SHUTDOWN", "EVAL return(redis.call('GET','x')) 0" })
        {
            var answer = await redis.CliAsync(["--user", "sse", "--pass", "secret", "--no-auth-warning", .. command.Split(' ')]);
            Assert.Matches("NOPERM|can't access", answer);
        }
    }

    [GeneratedRegex(@"^ +(?<rules>ACL SETUSER .*)$", RegexOptions.Multiline)]
    private static partial Regex Acl();
}
