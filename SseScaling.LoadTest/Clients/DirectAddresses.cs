using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace SseScaling.LoadTest.Clients;

/// <summary>The way past a proxy on this machine: the replicas' own addresses, which they tell in /api/stats.</summary>
/// <remarks>
/// The AppHost's proxy takes two descriptors for each stream. At its limit of open files, 20,000 on many machines, it stops every resource without a word, so a run
/// that would come near goes straight to the replicas. Any proxy on this machine is taken for that one: from outside they look alike.
/// </remarks>
internal static class DirectAddresses
{
    /// <summary>How many streams the proxy is trusted with.</summary>
    public const int MostByProxy = 9000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>The URLs that streams go to, with a line for each proxy that is passed by.</summary>
    /// <param name="urls">What was asked for.</param>
    /// <param name="streams">How many streams are spread over them.</param>
    /// <param name="direct">True: always past the proxy; false: never; null: if there are too many streams for it.</param>
    /// <param name="output">Takes the lines.</param>
    /// <param name="cancellation">Ends the questions.</param>
    /// <exception cref="UsageException">The replicas' addresses are needed and not known.</exception>
    public static async Task<IReadOnlyList<Uri>> ChooseAsync(IReadOnlyList<Uri> urls, int streams, bool? direct, TextWriter output, CancellationToken cancellation)
    {
        var each = (streams + urls.Count - 1) / urls.Count;
        if (!(direct ?? each > MostByProxy)) return urls;
        using var http = new HttpClient { Timeout = Patience };
        var chosen = new List<Uri>();
        foreach (var url in urls)
        {
            var replicas = url.IsLoopback ? await ReplicasAsync(http, url, cancellation) : [];
            if (direct == true && replicas.Count == 0) throw new UsageException($"--direct needs replicas that tell an address on this machine in /api/stats, and {url} knows none: name each with --url.");
            var isReplica = replicas.Count == 0 || replicas.Any(replica => replica.Port == url.Port);
            chosen.AddRange(isReplica ? [url] : replicas);
            if (isReplica) continue;
            var reason = direct is null ? string.Create(CultureInfo.InvariantCulture, $": {each:#,0} may be too many for a proxy's open files (--direct false goes through it)") : "";
            output.WriteLine($"Streams go straight to the replicas behind {url}, which are {string.Join(", ", replicas)}{reason}.");
        }
        return [.. chosen.Distinct()];
    }

    // None where the one that answers tells no such address: it is on another machine, in a container, or no replica of this kind.
    private static async Task<IReadOnlyList<Uri>> ReplicasAsync(HttpClient http, Uri url, CancellationToken cancellation)
    {
        Stats? stats;
        try
        {
            stats = await http.GetFromJsonAsync<Stats>(new Uri(url, "/api/stats"), cancellation);
        }
        catch (Exception problem) when (problem is HttpRequestException or JsonException || (problem is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return [];
        }
        if (stats is not { Replica.LocalUrl: not null, Cluster.Replicas: { } replicas }) return [];
        var serving = replicas.Where(replica => !replica.Draining).ToList();
        if (serving.Any(replica => replica.LocalUrl is null))
        {
            throw new UsageException(
                $"Not all replicas behind {url} tell an address on this machine: name each with --url, or go through the proxy with --direct false.");
        }
        return [.. serving.Select(replica => new Uri(replica.LocalUrl!))];
    }

    private sealed record Stats(Replica? Replica, Cluster? Cluster);

    private sealed record Cluster(IReadOnlyList<Replica>? Replicas);

    private sealed record Replica(string? LocalUrl, bool Draining);
}
