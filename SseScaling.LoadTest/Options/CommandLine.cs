using System.CommandLine;
using SseScaling.LoadTest.Clients;
using SseScaling.LoadTest.Load;
using SseScaling.LoadTest.Report;

namespace SseScaling.LoadTest.Options;

/// <summary>The options of the command line, and how they make a <see cref="RunOptions"/>.</summary>
internal sealed class CommandLine
{
    /// <summary>The server when none is named: what Aspire hands over, else the AppHost's.</summary>
    public static readonly string Host = Environment.GetEnvironmentVariable("services__api__http__0") ?? "http://localhost:5080";

    private readonly Option<string?> _scenario = new("--scenario") { Description = "Named settings that other options override: " + string.Join("; ", Scenarios.All.Select(s => $"{s.Name} ({s.Shows})")) };
    private readonly Option<string[]> _url = Several("--url", $"Base URL of the server; may be repeated, connections are spread [default: {Host}]");
    private readonly Option<bool?> _direct = DirectOption();
    private readonly Option<string?> _connections = new("--connections", "-c") { Description = "How many clients [default: 1000]" };
    private readonly Option<string?> _ramp = new("--ramp") { Description = "New connections per second [default: 500]" };
    private readonly Option<string?> _users = new("--users") { Description = "Spread the clients over this many users [default: one user per client]" };
    private readonly Option<string?> _firstUser = new("--first-user") { Description = "Number of the first user [default: 1]" };
    private readonly Option<string?> _topic = new("--topic") { Description = "Let all clients listen to this one topic instead" };
    private readonly Option<string?> _path = new("--path") { Description = "Path of the stream with {user} or {topic} [default: the server's own]" };
    private readonly Option<string?> _rate = new("--rate") { Description = "Events per second over all topics [default: 100]" };
    private readonly Option<string?> _publish = new("--publish") { HelpName = "api|redis|none", Description = "Publish through the api, straight through redis, or none [default: api]" };
    private readonly Option<string?> _publishPath = new("--publish-path") { Description = "Path that takes events [default: /api/publish]" };
    private readonly Option<string?> _publishers = new("--publishers") { Description = "Publishing connections [default: 4]" };
    private readonly Option<string?> _redis = new("--redis") { Description = "host:port[,password=…] for --publish redis [default: ConnectionStrings__redis]" };
    private readonly Option<bool?> _durable = new("--durable") { Description = "Whether the server shall keep events for resuming [default: true]" };
    private readonly Option<string?> _size = new("--size") { Description = "Bytes of an event's JSON [default: 200]" };
    private readonly Option<string?> _slow = new("--slow") { Description = "Share of clients that never read, such as 1% [default: 0]" };
    private readonly Option<string?> _drop = new("--drop") { Description = "Share of clients that drop and resume, such as 10% [default: 0]" };
    private readonly Option<string?> _dropEvery = new("--drop-every") { Description = "How long a dropping client stays on average [default: 5s]" };
    private readonly Option<string?> _dropPause = new("--drop-pause") { Description = "How long it is away [default: 500ms]" };
    private readonly Option<bool?> _storm = new("--storm") { Description = "Cut off all clients at once, halfway" };
    private readonly Option<string[]> _source = Several("--source", "Local address to connect from; may be repeated [default: chosen; loopback ones beyond 25,000 connections]");
    private readonly Option<string[]> _header = Several("--header", "'Name: value' for every request; may be repeated");
    private readonly Option<string?> _duration = new("--duration", "-d") { Description = "How long to measure [default: 30s]" };
    private readonly Option<string?> _warmUp = new("--warm-up") { Description = "How long events flow before that [default: 3s]" };
    private readonly Option<string?> _drain = new("--drain") { Description = "Longest wait for what is under way at the end [default: 10s]" };
    private readonly Option<string?> _giveUp = new("--give-up") { Description = "End when no client is connected for this long [default: 10s]" };
    private readonly Option<string?> _threads = new("--threads") { Description = "Receive threads [default: half of the processors]" };
    private readonly Option<bool> _portable = new("--portable") { Description = "Receive with .NET's sockets also on Linux" };
    private readonly Option<string?> _out = new("--out", "-o") { Description = "Folder for report.json and report.html [default: artifacts/load-test]" };
    private readonly Option<string[]> _failIf = Several("--fail-if", "Exit with 1 if this holds, such as \"p99>250ms\" or \"lost>0\"; may be repeated");
    private readonly Option<bool> _plain = new("--plain") { Description = "Plain lines instead of the live table" };

    /// <summary>Past the proxy or through it; the commands share it.</summary>
    public static Option<bool?> DirectOption() => new("--direct")
    {
        Description = $"Go straight to the replicas behind a proxy on this machine [default: beyond {DirectAddresses.MostByProxy:#,0} streams to one address]",
    };

    /// <summary>All of them.</summary>
    public IEnumerable<Option> All =>
    [
        _scenario, _url, _direct, _connections, _ramp, _users, _firstUser, _topic, _path, _rate, _publish, _publishPath, _publishers, _redis, _durable, _size,
        _slow, _drop, _dropEvery, _dropPause, _storm, _source, _header, _duration, _warmUp, _drain, _giveUp, _threads, _portable, _out, _failIf, _plain,
    ];

    /// <summary>Reads them.</summary>
    /// <exception cref="UsageException">A value makes no sense.</exception>
    public RunOptions Read(ParseResult parsed)
    {
        var named = Scenarios.Named(parsed.GetValue(_scenario));
        TimeSpan Time(Option<string?> option, TimeSpan otherwise) =>
            parsed.GetValue(option) is { } text ? Values.Duration(option.Name, text) : otherwise;
        double Share(Option<string?> option, double otherwise) => parsed.GetValue(option) is { } text ? Values.Share(option.Name, text) : otherwise;
        double Number(Option<string?> option, double otherwise, double least, double most) =>
            parsed.GetValue(option) is { } text ? Values.Number(option.Name, text, least, most) : otherwise;
        int Whole(Option<string?> option, int otherwise, int least, int most) =>
            parsed.GetValue(option) is { } text ? Values.Whole(option.Name, text, least, most) : otherwise;
        string[] urls = parsed.GetValue(_url) is { Length: > 0 } given ? given : [Host];
        var options = named with
        {
            Urls = [.. urls.Select(Values.Url)],
            Direct = parsed.GetValue(_direct),
            Connections = Whole(_connections, named.Connections, 1, 1_000_000),
            Ramp = Number(_ramp, named.Ramp, 0.1, 100_000),
            Users = Whole(_users, named.Users, 0, 1_000_000),
            FirstUser = Whole(_firstUser, named.FirstUser, 0, int.MaxValue / 2),
            Topic = parsed.GetValue(_topic) ?? (parsed.GetValue(_users) is null ? named.Topic : null),
            Path = parsed.GetValue(_path) ?? named.Path,
            Rate = Number(_rate, named.Rate, 0, 1_000_000),
            Publish = parsed.GetValue(_publish) is { } way ? Values.Way(way) : named.Publish,
            PublishPath = parsed.GetValue(_publishPath) ?? named.PublishPath,
            Publishers = Whole(_publishers, named.Publishers, 1, 256),
            Redis = parsed.GetValue(_redis) ?? Environment.GetEnvironmentVariable("ConnectionStrings__redis"),
            Durable = parsed.GetValue(_durable) ?? named.Durable,
            Size = Whole(_size, named.Size, 0, 1 << 20),
            Slow = Share(_slow, named.Slow),
            Drop = Share(_drop, named.Drop),
            DropEvery = Time(_dropEvery, named.DropEvery),
            DropPause = Time(_dropPause, named.DropPause),
            Storm = parsed.GetValue(_storm) ?? named.Storm,
            Sources = [.. (parsed.GetValue(_source) ?? []).Select(Values.Address)],
            Headers = [.. (parsed.GetValue(_header) ?? []).Select(Values.Header)],
            Duration = Time(_duration, named.Duration),
            WarmUp = Time(_warmUp, named.WarmUp),
            Drain = Time(_drain, named.Drain),
            GiveUp = Time(_giveUp, named.GiveUp),
            Threads = Whole(_threads, named.Threads, 0, 256),
            Portable = parsed.GetValue(_portable),
            Out = parsed.GetValue(_out) ?? named.Out,
            FailIf = [.. (parsed.GetValue(_failIf) ?? []).Select(Threshold.Parse)],
            Plain = parsed.GetValue(_plain),
        };
        return Check(options);
    }

    private static RunOptions Check(RunOptions options)
    {
        if (options.Topic is { } topic && !EventPayload.IsPlain(topic))
        {
            throw new UsageException($"--topic '{topic}' is no plain topic: use letters, digits and : - _ . / only, at most 200 of them.");
        }
        if (options.Publish == PublishVia.Redis && options.Redis is null)
        {
            throw new UsageException("--publish redis needs --redis host:port or the variable ConnectionStrings__redis.");
        }
        if (options.Path is { } path && !(path.StartsWith('/') && Uri.IsWellFormedUriString(path.Replace("{user}", "1").Replace("{topic}", "t"), UriKind.Relative)))
        {
            throw new UsageException($"--path '{path}' is no path: write for example /events?user={{user}}.");
        }
        if (options.Duration == TimeSpan.Zero) throw new UsageException("--duration must be longer than nothing.");
        return options;
    }

    private static Option<string[]> Several(string name, string description) =>
        new(name) { Description = description, AllowMultipleArgumentsPerToken = true };
}
