using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using LocalAspire.Dashboard.Resources;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace LocalAspire.Dashboard.Http;

/// <summary>The resources: as JSON, as a stream of changes, one in detail, and their commands.</summary>
internal static class ResourceEndpoints
{
    private static readonly TimeSpan UsageInterval = TimeSpan.FromSeconds(2);

    public static void MapResources(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/resources/stream", (IResourceSource source, TimeProvider time, IHostApplicationLifetime lifetime, HttpContext context) =>
            TypedResults.ServerSentEvents(WatchAsync(source, time, context.EndsWith(lifetime))));
        routes.MapGet("/api/resources/{id}", (IResourceSource source, string id) =>
            Find(source, id) is { } instance ? Results.Ok(Masked(instance)) : Unknown(id));
        routes.MapGet("/api/resources/{id}/secrets/{name}", (IResourceSource source, string id, string name) =>
            Find(source, id) is not { } instance ? Unknown(id)
            : instance.Environment.Concat(instance.Properties).FirstOrDefault(fact => fact.Name == name) is { } fact ? Results.Ok(new { fact.Value })
            : Results.Problem(statusCode: StatusCodes.Status404NotFound, detail: $"'{id}' has no value of this name."));
        routes.MapPost("/api/resources/{id}/commands/{name}", ExecuteAsync);
    }

    public static Instance? Find(IResourceSource source, string id) =>
        source.Current.FirstOrDefault(instance => string.Equals(instance.Id, id, StringComparison.OrdinalIgnoreCase));

    public static IResult Unknown(string id) =>
        Results.Problem(statusCode: StatusCodes.Status404NotFound, detail: $"There is no instance '{id}'.");

    private static async Task<IResult> ExecuteAsync(IResourceSource source, string id, string name, CancellationToken cancellationToken) =>
        Find(source, id) is null ? Unknown(id)
        : await source.ExecuteAsync(id, name, cancellationToken) is { } reason ? Results.Problem(statusCode: StatusCodes.Status409Conflict, detail: reason)
        : Results.NoContent();

    private static Instance Masked(Instance instance) => instance with
    {
        Environment = [.. instance.Environment.Select(Mask)],
        Properties = [.. instance.Properties.Select(Mask)],
    };

    private static InstanceFact Mask(InstanceFact fact) => fact.IsSecret ? fact with { Value = null } : fact;

    // The table needs neither the environment nor the properties.
    private static Instance Brief(Instance instance) => instance with { Environment = [], Properties = [] };

    /// <summary>`resource` for every instance and each change; `usage` at an interval, with what each process uses.</summary>
    private static async IAsyncEnumerable<SseItem<object>> WatchAsync(
        IResourceSource source, TimeProvider time, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // A change is small and rare; what waits here is bounded by what changes until the browser is found to be gone.
        var items = Channel.CreateUnbounded<SseItem<object>>();
        var changes = WriteChangesAsync(source, items.Writer, cancellationToken);
        var usage = WriteUsageAsync(source, time, items.Writer, cancellationToken);
        await foreach (var item in items.Reader.ReadAllAsync(CancellationToken.None))
            yield return item;
        await Task.WhenAll(changes, usage);
    }

    private static async Task WriteChangesAsync(IResourceSource source, ChannelWriter<SseItem<object>> items, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var change in source.WatchAsync(cancellationToken))
                items.TryWrite(new SseItem<object>(Brief(change), "resource"));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The browser has gone, or the AppHost stops.
        }
        finally
        {
            items.TryComplete();
        }
    }

    private static async Task WriteUsageAsync(
        IResourceSource source, TimeProvider time, ChannelWriter<SseItem<object>> items, CancellationToken cancellationToken)
    {
        var processes = new ProcessUsage(time);
        using var timer = new PeriodicTimer(UsageInterval, time);
        try
        {
            do
            {
                var usage = source.Current.Where(instance => instance.ProcessId is not null)
                    .Select(instance => (instance.Id, Usage: processes.Sample(instance.ProcessId!.Value)))
                    .Where(sample => sample.Usage is not null)
                    .ToDictionary(sample => sample.Id, sample => sample.Usage!.Value);
                items.TryWrite(new SseItem<object>(usage, "usage"));
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // As above.
        }
    }
}

internal static class StreamExtensions
{
    /// <summary>Ends when the browser goes or the AppHost stops; without the second an open page would hold up the stop.</summary>
    public static CancellationToken EndsWith(this HttpContext context, IHostApplicationLifetime lifetime)
    {
        var both = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        context.Response.RegisterForDispose(both);
        return both.Token;
    }
}
