using System.Globalization;
using System.Text;
using SseScaling.Tests.Sockets;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Hostile;

/// <summary>
/// Requests that no client sends, made of odd ones by chance: a connection whose socket can leave the web server gets the same answer as one that stays, head for head.
/// Seeds are fixed, so that a difference can be looked at; <c>SSE_FUZZ_ROUNDS</c> is how many requests are made of each (200).
/// </summary>
[Trait("Category", "Hostile")]
public sealed class RequestFuzzTests(DirectInMemory direct, OrdinaryInMemory ordinary, ITestOutputHelper output) : IClassFixture<DirectInMemory>, IClassFixture<OrdinaryInMemory>
{
    private static readonly string[] Pieces =
    [
        "\r\n", "\n", "\r", "\0", " ", "\t", ":", "[::", ":80", "[::1]x:80", "Host: b\r\n", "Host: [::\r\n", "Host: :80\r\n", "Content-Length: 0\r\n", "Content-Length: 0, 0\r\n",
        "Content-Length: +0\r\n", "Transfer-Encoding: chunked\r\n", "Transfer-Encoding: gzip, chunked\r\n", "Connection: close\r\n", "Connection: keep-alive, x\r\n", "Expect: 100-continue\r\n",
        "Upgrade: h2c\r\n", "Accept: text/event-stream\r\n", "Last-Event-ID: 1-1\r\n", "?lastEventId=1-1", "%00", "%2f", "%", "..", "//", "#", "HTTP/1.1", "HTTP/1.0", "HTTP/3.0", "\u00ff", "\u007f", "GET ", "x",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_request_made_by_chance_gets_the_same_answer_either_way(int seed)
    {
        var rounds = int.Parse(Environment.GetEnvironmentVariable("SSE_FUZZ_ROUNDS") ?? "200", CultureInfo.InvariantCulture);
        var chance = new Random(seed);
        var heads = RawRequestTests.OddHeads().Select(row => row.Data).ToArray();
        var answers = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < rounds; i++)
        {
            var request = Mutate(heads[chance.Next(heads.Length)], chance) + "Accept: text/event-stream\r\n\r\n";
            var expected = await AnswerAsync(ordinary.Api.Port, request);
            var answer = await AnswerAsync(direct.Api.Port, request);
            Assert.True(expected == answer, $"Round {i}, the request {ApiCalls.Quote(request)} got {ApiCalls.Quote(answer)} instead of {ApiCalls.Quote(expected)}.");
            var status = answer.Split("\r\n")[0];
            answers[status] = answers.GetValueOrDefault(status) + 1;
        }

        output.WriteLine($"{rounds} requests twice: {string.Join(", ", answers.OrderByDescending(pair => pair.Value).Select(pair => $"{pair.Value} x '{pair.Key}'"))}");
        Assert.True(answers.Count > 1, "All requests got one answer: chance made nothing of them.");
    }

    private static string Mutate(string head, Random chance)
    {
        var text = new StringBuilder(head);
        for (var i = chance.Next(1, 4); i > 0; i--)
        {
            var at = chance.Next(text.Length + 1);
            switch (chance.Next(4))
            {
                case 0:
                    text.Insert(at, Pieces[chance.Next(Pieces.Length)]);
                    break;
                case 1 when at < text.Length:
                    text[at] = (char)chance.Next(256);
                    break;
                case 2 when at < text.Length:
                    text.Remove(at, Math.Min(chance.Next(1, 6), text.Length - at));
                    break;
                default:
                    text.Append(Pieces[chance.Next(Pieces.Length)]);
                    break;
            }
        }

        return text.ToString();
    }

    /// <summary>
    /// The head of the answer without what differs from one moment to the next, and without how a stream's end is told, which differs by design; empty when the
    /// connection ended instead.
    /// </summary>
    private static async Task<string> AnswerAsync(int port, string request)
    {
        await using var connection = await RawConnection.OpenAsync(port);
        await connection.SendAsync(request);
        var head = await connection.ReadHeadAsync();
        var isStream = head.Contains("Content-Type: text/event-stream", StringComparison.Ordinal);
        return string.Join("\r\n", head.Split("\r\n").Where(line =>
            !line.StartsWith("Date:", StringComparison.Ordinal) && !(isStream && line is "Transfer-Encoding: chunked" or "Connection: close")));
    }
}
