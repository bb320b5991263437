using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using SseScaling.LoadTest.Clients;

namespace SseScaling.LoadTest.FanOut;

/// <summary>
/// Times posts, in these steps:
/// <code>
///   (1) follow: so many users follow one author
///   (2) connect: each of them opens its stream
///   (3) post: one post after the other, each timed to every follower
///   (4) unfollow, so that nothing stays behind
/// </code>
/// </summary>
/// <param name="options">What is asked for.</param>
/// <param name="output">Takes a line per post.</param>
internal sealed class FanOutRun(FanOutOptions options, TextWriter output) : IDisposable
{
    private const int Requests = 32;
    private const int ConnectsAtOnce = 20;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly string _author = $"fan-out-{Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture)[..8]}";
    private readonly SocketLoop _loop = SocketLoop.Create(options.Followers);
    private readonly DeliveryTracker _deliveries = new(options.Followers);
    private readonly CancellationTokenSource _stop = new();
    private readonly HttpClient _http = new(new SocketsHttpHandler { MaxConnectionsPerServer = Requests }) { BaseAddress = options.Url };
    private Thread? _receiving;
    private bool _complete = true;
    private double _slowest;

    /// <summary>Runs it.</summary>
    /// <returns>False if a follower missed a post or had it twice, or a post took longer than is allowed.</returns>
    /// <exception cref="UsageException">It cannot be done.</exception>
    public async Task<bool> ExecuteAsync(CancellationToken interrupted)
    {
        FileLimit.Ensure(options.Followers, Requests);
        var targets = await Targets.ResolveAsync(options.StreamUrls, interrupted);
        foreach (var target in targets) await Preflight.CheckAsync(target, Request(target, 0)[..^2], Path(0), interrupted);
        try
        {
            await EachAsync(HttpMethod.Put, interrupted);                                       // (1)
            await ConnectAsync(targets, interrupted);                                           // (2)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{options.Followers:#,0} followers with an open stream each; milliseconds from the post:"));
            output.WriteLine("post    answer    first      p50      p99     last  missing  repeated");
            for (var i = 1; i <= options.Posts; i++)                                            // (3)
            {
                await PostAsync($"{_author}-{i}", interrupted);
                await Task.Delay(Pause, interrupted);
            }

            return Judge();
        }
        finally
        {
            await EachAsync(HttpMethod.Delete, CancellationToken.None);                         // (4)
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _stop.Cancel();
        _receiving?.Join();
        _loop.Dispose();
        _http.Dispose();
        _stop.Dispose();
    }

    private string Path(int follower) => $"/api/notifications?userId={_author}-{follower}";

    private byte[] Request(Target target, int follower) => Encoding.ASCII.GetBytes(
        $"GET {target.PathOf(Path(follower))} HTTP/1.1\r\nHost: {target.Url.Authority}\r\nAccept: text/event-stream\r\n\r\n");

    private async Task EachAsync(HttpMethod method, CancellationToken cancellationToken) => await Parallel.ForEachAsync(
        Enumerable.Range(0, options.Followers),
        new ParallelOptions { MaxDegreeOfParallelism = Requests, CancellationToken = cancellationToken },
        async (follower, token) =>
        {
            using var request = new HttpRequestMessage(method, $"api/users/{_author}/followers/{_author}-{follower}");
            using var answer = await SendAsync(request, token);
        });

    private async Task ConnectAsync(IReadOnlyList<Target> targets, CancellationToken interrupted)
    {
        _receiving = new Thread(Receive) { IsBackground = true, Name = "receive" };
        _receiving.Start();
        for (var i = 0; i < options.Followers; i++)
        {
            var target = targets[i % targets.Count];
            lock (_loop.Gate) _loop.Connect(new Follower(_loop, _deliveries, i, Request(target, i)), new Route(target.EndPoint, null));
            if (i % ConnectsAtOnce == 0) await Task.Delay(Tick, interrupted);
        }

        try
        {
            await _deliveries.AllOpen.WaitAsync(Patience, interrupted);
        }
        catch (TimeoutException)
        {
            throw new UsageException($"Only {_deliveries.Open:#,0} of {options.Followers:#,0} streams opened within {Patience.TotalSeconds:0} s.");
        }

        await Task.Delay(Pause, interrupted);
    }

    private async Task PostAsync(string postId, CancellationToken interrupted)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/posts") { Content = JsonContent.Create(new { authorId = _author, postId }) };
        await request.Content.LoadIntoBufferAsync(interrupted);
        Task everywhere;
        lock (_loop.Gate) everywhere = _deliveries.Expect(postId);
        using var answer = await SendAsync(request, interrupted);
        var answered = _deliveries.Elapsed;
        try
        {
            await everywhere.WaitAsync(Patience, interrupted);
        }
        catch (TimeoutException)
        {
            // The line below says how many are missing.
        }

        lock (_loop.Gate)
        {
            var missing = options.Followers - _deliveries.Count;
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{_deliveries.Number,4} {answered,9:0.0} {_deliveries.Describe()} {missing,8} {_deliveries.Repeated,9}"));
            _complete &= missing == 0 && _deliveries.Repeated == 0;
            _slowest = Math.Max(_slowest, _deliveries.Last);
        }
    }

    private bool Judge()
    {
        var fast = options.Within is not { } within || _slowest <= within.TotalMilliseconds;
        output.WriteLine($"{Verdict(_complete)}  every follower has every post once");
        if (options.Within is { TotalMilliseconds: var most })
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Verdict(fast)}  the last follower within {most:0.###} ms (the slowest took {_slowest:0.0} ms)"));
        return _complete && fast;

        static string Verdict(bool good) => good ? "OK    " : "NOT OK";
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await _http.SendAsync(request, cancellationToken);
            return answer.IsSuccessStatusCode ? answer : throw new UsageException(
                $"{request.Method} {request.RequestUri} answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(cancellationToken)}");
        }
        catch (HttpRequestException problem)
        {
            throw new UsageException($"{options.Url} cannot be reached: {problem.Message}");
        }
    }

    private void Receive()
    {
        try
        {
            while (!_stop.IsCancellationRequested) _loop.Poll(Tick);
        }
        catch (InvalidOperationException problem)
        {
            // The edge of the thread: the run reports it and ends.
            lock (_loop.Gate) _deliveries.Fail(problem.Message);
        }
    }
}
