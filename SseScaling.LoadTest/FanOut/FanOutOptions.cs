using System.CommandLine;
using SseScaling.LoadTest.Options;

namespace SseScaling.LoadTest.FanOut;

/// <summary>What a fan-out run is asked for.</summary>
/// <param name="Url">Base URL of the server.</param>
/// <param name="StreamUrls">Base URLs that the streams are spread over.</param>
/// <param name="Direct">Whether streams go straight to the replicas; null to decide by their number.</param>
/// <param name="Followers">How many users follow the author, each with a stream; 1 to 100,000.</param>
/// <param name="Posts">How many posts are timed; 1 to 1,000.</param>
/// <param name="Within">The longest time from a post to its last follower; null: any.</param>
internal sealed record FanOutOptions(Uri Url, IReadOnlyList<Uri> StreamUrls, bool? Direct, int Followers, int Posts, TimeSpan? Within)
{
    /// <summary>The command <c>fan-out</c>.</summary>
    /// <param name="run">Runs it and returns the exit code.</param>
    public static Command Command(Func<Func<FanOutOptions>, Task<int>> run)
    {
        var url = new Option<string?>("--url") { Description = $"Base URL of the server [default: {CommandLine.Host}]" };
        var direct = CommandLine.DirectOption();
        var followers = new Option<string>("--followers", "-c") { Description = "Users who follow the author, each with a stream", DefaultValueFactory = _ => "10000" };
        var posts = new Option<string>("--posts") { Description = "Posts to time, one after the other", DefaultValueFactory = _ => "5" };
        var within = new Option<string?>("--within") { Description = "Exit with 1 if a post takes longer than this to its last follower, such as 250ms" };
        var command = new Command("fan-out", "Times posts of an author from POST /api/posts to each follower's stream.") { url, direct, followers, posts, within };
        command.SetAction((parsed, _) => run(() =>
        {
            var host = Values.Url(parsed.GetValue(url) ?? CommandLine.Host);
            return new FanOutOptions(
                host, [host], parsed.GetValue(direct),
                Values.Whole(followers.Name, parsed.GetValue(followers)!, 1, 100_000),
                Values.Whole(posts.Name, parsed.GetValue(posts)!, 1, 1000),
                parsed.GetValue(within) is { } text ? Values.Duration(within.Name, text) : null);
        }));
        return command;
    }
}
