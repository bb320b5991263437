using System.Net;
using SseScaling.LoadTest.Report;

namespace SseScaling.LoadTest.Options;

/// <summary>The way events take to the server.</summary>
internal enum PublishVia
{
    /// <summary>POST /api/publish: with ids, kept for resuming.</summary>
    Api,

    /// <summary>PUBLISH straight to Redis: without ids, at most once.</summary>
    Redis,

    /// <summary>Not at all: events come from elsewhere, for example another machine's load test.</summary>
    None,
}

/// <summary>One run, complete: what the command line and the scenario say together.</summary>
internal sealed record RunOptions
{
    /// <summary>The scenario's name, for the report.</summary>
    public string Scenario { get; init; } = "custom";

    /// <summary>Base URLs; connections are spread over them in turn.</summary>
    public IReadOnlyList<Uri> Urls { get; init; } = [];

    /// <summary>Whether to go straight to the replicas behind a proxy on this machine; null to decide by the number of connections.</summary>
    public bool? Direct { get; init; }

    /// <summary>How many clients.</summary>
    public int Connections { get; init; } = 1000;

    /// <summary>New connections per second.</summary>
    public double Ramp { get; init; } = 500;

    /// <summary>How many users the clients are spread over, in turn; 0 means one user per client. Not used with <see cref="Topic"/>.</summary>
    public int Users { get; init; }

    /// <summary>The number of the first user.</summary>
    public int FirstUser { get; init; } = 1;

    /// <summary>The one topic that everyone listens to, or null for one topic per user.</summary>
    public string? Topic { get; init; }

    /// <summary>The stream's path and query, with {user} or {topic}; null for the server's own.</summary>
    public string? Path { get; init; }

    /// <summary>Events per second over all topics.</summary>
    public double Rate { get; init; } = 100;

    /// <summary>How events reach the server.</summary>
    public PublishVia Publish { get; init; } = PublishVia.Api;

    /// <summary>The path that takes events.</summary>
    public string PublishPath { get; init; } = "/api/publish";

    /// <summary>How many publishing connections; each has one request under way.</summary>
    public int Publishers { get; init; } = 4;

    /// <summary>The connection string of Redis, for <see cref="PublishVia.Redis"/>.</summary>
    public string? Redis { get; init; }

    /// <summary>Whether the server shall keep events for resuming.</summary>
    public bool Durable { get; init; } = true;

    /// <summary>Size of an event's JSON, in bytes.</summary>
    public int Size { get; init; } = 200;

    /// <summary>Share of clients that never read, 0 to 1.</summary>
    public double Slow { get; init; }

    /// <summary>Share of clients that drop their connection now and then and resume, 0 to 1.</summary>
    public double Drop { get; init; }

    /// <summary>How long a dropping client stays, on average.</summary>
    public TimeSpan DropEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a dropping client is away.</summary>
    public TimeSpan DropPause { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Whether all clients are cut off at once, halfway, and come back at once.</summary>
    public bool Storm { get; init; }

    /// <summary>Local addresses to connect from; empty to choose.</summary>
    public IReadOnlyList<IPAddress> Sources { get; init; } = [];

    /// <summary>Lines that are added to every stream request and publishing request.</summary>
    public IReadOnlyList<string> Headers { get; init; } = [];

    /// <summary>How long is measured.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long events flow before measuring begins.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long to wait, at most, for what is still under way at the end.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long no client at all may be connected before the run is given up.</summary>
    public TimeSpan GiveUp { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Receive threads; 0 for half of the processors.</summary>
    public int Threads { get; init; }

    /// <summary>Receive with .NET's sockets also where the leaner loop works.</summary>
    public bool Portable { get; init; }

    /// <summary>The folder that report.json and report.html go to.</summary>
    public string Out { get; init; } = "artifacts/load-test";

    /// <summary>What fails the run.</summary>
    public IReadOnlyList<Threshold> FailIf { get; init; } = [];

    /// <summary>Plain lines, also on a terminal.</summary>
    public bool Plain { get; init; }
}
