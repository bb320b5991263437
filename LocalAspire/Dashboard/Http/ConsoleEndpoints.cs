using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using LocalAspire.Dashboard.Resources;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace LocalAspire.Dashboard.Http;

/// <summary>The output of an instance: live, and as a file.</summary>
internal static class ConsoleEndpoints
{
    private const int LinesPerEvent = 1000;

    public static void MapConsole(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/console/{id}/stream", (IResourceSource source, IHostApplicationLifetime lifetime, HttpContext context, string id, int? after) =>
            ResourceEndpoints.Find(source, id) is null ? ResourceEndpoints.Unknown(id)
            : TypedResults.ServerSentEvents(WatchAsync(source, id, after ?? 0, context.EndsWith(lifetime))));
        routes.MapGet("/api/console/{id}/download", (IResourceSource source, string id) =>
            ResourceEndpoints.Find(source, id) is null ? ResourceEndpoints.Unknown(id)
            : Results.File(Text(source.Console(id)), "text/plain; charset=utf-8", $"{id}.log"));
    }

    /// <summary>Lines after a number, as arrays of [number, time in ms since 1970, 1 for the error stream, text].</summary>
    private static async IAsyncEnumerable<SseItem<object?[][]>> WatchAsync(
        IResourceSource source, string id, int after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Tells an empty output from one that has not arrived yet.
        yield return new SseItem<object?[][]>([]);
        await using var batches = source.WatchConsoleAsync(id, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await NextAsync(batches, cancellationToken))
        {
            foreach (var chunk in batches.Current.Where(line => line.Number > after).Chunk(LinesPerEvent))
                yield return new SseItem<object?[][]>([.. chunk.Select(Row)]);
        }
    }

    private static async Task<bool> NextAsync(IAsyncEnumerator<IReadOnlyList<ConsoleLine>> batches, CancellationToken cancellationToken)
    {
        try
        {
            return await batches.MoveNextAsync();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private static object?[] Row(ConsoleLine line) =>
        [line.Number, (long)(line.Time - DateTime.UnixEpoch).TotalMilliseconds, line.IsError ? 1 : 0, line.Text];

    private static byte[] Text(IEnumerable<ConsoleLine> lines)
    {
        var text = new StringBuilder();
        foreach (var line in lines)
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{line.Time:yyyy-MM-ddTHH:mm:ss.fffZ} {line.Text}\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
