using System.Globalization;

namespace LocalAspire.Dashboard.Resources;

/// <summary>What a process uses: CPU in percent of one core (null on its first sample), memory (resident) in bytes.</summary>
internal readonly record struct Usage(double? Cpu, long Memory);

/// <summary>Reads the usage of processes from /proc. For one thread.</summary>
internal sealed class ProcessUsage(TimeProvider time)
{
    // USER_HZ, in which /proc counts, is 100 on every Linux that .NET supports, whatever the kernel's own tick is.
    private const double TicksPerSecond = 100;

    private readonly Dictionary<int, (long Ticks, long Timestamp)> _last = [];

    /// <summary>One sample; nothing for a process that has ended.</summary>
    public Usage? Sample(int processId)
    {
        if (ReadTicks(processId) is not { } ticks || ReadMemory(processId) is not { } memory)
        {
            _last.Remove(processId);
            return null;
        }

        var now = time.GetTimestamp();
        double? cpu = null;
        if (_last.TryGetValue(processId, out var last) && time.GetElapsedTime(last.Timestamp, now).TotalSeconds is > 0 and var seconds)
            cpu = Math.Max(0, Math.Round((ticks - last.Ticks) / TicksPerSecond / seconds * 100, 1));
        _last[processId] = (ticks, now);
        return new Usage(cpu, memory);
    }

    private static long? ReadTicks(int processId)
    {
        if (TryRead(processId, "stat") is not { } text)
            return null;
        // The name in parentheses may hold spaces; utime and stime are the 12th and 13th field after it.
        var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return fields.Length > 12 ? Parse(fields[11]) + Parse(fields[12]) : null;
    }

    private static long? ReadMemory(int processId) =>
        TryRead(processId, "statm")?.Split(' ') is { Length: > 1 } fields ? Parse(fields[1]) * Environment.SystemPageSize : null;

    private static long Parse(string number) => long.Parse(number, CultureInfo.InvariantCulture);

    private static string? TryRead(int processId, string file)
    {
        try
        {
            return File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/{file}"));
        }
        catch (IOException)
        {
            return null; // It has ended, before or while it was read.
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }
}
