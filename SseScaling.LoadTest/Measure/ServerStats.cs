using System.Text.Json;
using SseScaling.LoadTest.Clients;

namespace SseScaling.LoadTest.Measure;

/// <summary>What the server says about itself.</summary>
/// <param name="Connections">Open streams of the whole cluster, or null if it does not say.</param>
/// <param name="MemoryBytes">Memory of the whole cluster, or null if it does not say.</param>
internal sealed record ServerReading(long? Connections, long? MemoryBytes);

/// <summary>Asks /api/stats once per second, in the background. A server without it, or one that is busy, only leaves the columns empty.</summary>
internal sealed class ServerStats(Target target) : IAsyncDisposable
{
    private static readonly ServerReading Nothing = new(null, null);

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(2), BaseAddress = new Uri($"http://{target.Url.Authority}") };
    private readonly CancellationTokenSource _stop = new();
    private volatile ServerReading _latest = Nothing;
    private Task _asking = Task.CompletedTask;

    /// <summary>The latest answer.</summary>
    public ServerReading Latest => _latest;

    /// <summary>Begins to ask.</summary>
    public void Start() => _asking = AskAsync(_stop.Token);

    /// <summary>Takes connections and memory out of an answer: the cluster's, or those of the one replica that answered if it knows no cluster.</summary>
    public static ServerReading Read(JsonElement stats)
    {
        var scope = Property(stats, "cluster") is { ValueKind: JsonValueKind.Object } cluster ? cluster : stats;
        return new ServerReading(Number(scope, "connections"), Number(scope, "workingSetBytes") ?? OfReplicas(scope, "workingSetBytes"));
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _asking;
        _http.Dispose();
        _stop.Dispose();
    }

    private async Task AskAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        try
        {
            do _latest = await ReadAsync(cancellation);
            while (await timer.WaitForNextTickAsync(cancellation));
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The run is over.
        }
    }

    private async Task<ServerReading> ReadAsync(CancellationToken cancellation)
    {
        try
        {
            using var answer = await _http.GetAsync(target.PathOf("/api/stats"), cancellation);
            if (!answer.IsSuccessStatusCode) return Nothing;
            using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(cancellation));
            return Read(json.RootElement);
        }
        catch (Exception problem) when (problem is HttpRequestException or JsonException
            || (problem is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            // The figures are an extra: without an answer in time the columns stay empty.
            return Nothing;
        }
    }

    private static long? OfReplicas(JsonElement cluster, string name) => Property(cluster, "replicas") is { ValueKind: JsonValueKind.Array } replicas
        ? replicas.EnumerateArray().Sum(replica => Number(replica, name))
        : null;

    private static JsonElement? Property(JsonElement element, string name)
    {
        if (element.ValueKind != JsonValueKind.Object) return null;
        foreach (var property in element.EnumerateObject())
        {
            if (string.Equals(property.Name, name, StringComparison.OrdinalIgnoreCase)) return property.Value;
        }
        return null;
    }

    private static long? Number(JsonElement element, string name) => Property(element, name) switch
    {
        { ValueKind: JsonValueKind.Number } number => (long)number.GetDouble(),
        _ => null,
    };
}
