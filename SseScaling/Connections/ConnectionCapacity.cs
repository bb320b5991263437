namespace SseScaling.Connections;

/// <summary>How many streams this process can hold.</summary>
/// <param name="Connections">The number.</param>
/// <param name="Source">Where it comes from, for the log.</param>
internal sealed record ConnectionCapacity(long Connections, string Source)
{
    /// <summary>The configured limit, or what the file limit leaves beside what is open at this moment.</summary>
    public static ConnectionCapacity Of(SseOptions options)
    {
        var (possible, limit) = (DescriptorBudget.Streams(), DescriptorBudget.Limit);
        if (options.MaxConnections == 0)
            return new ConnectionCapacity(possible, $"file limit {limit}");
        return options.MaxConnections <= possible
            ? new ConnectionCapacity(options.MaxConnections, "Sse:MaxConnections")
            : new ConnectionCapacity(possible, $"file limit {limit}, below Sse:MaxConnections {options.MaxConnections}");
    }
}
