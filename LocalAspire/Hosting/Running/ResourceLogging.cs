using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LocalAspire;

/// <summary>Passes what the resources write to the loggers that a test has configured, as <c>{AppHost}.Resources.{instance}</c>.</summary>
internal sealed partial class ResourceLogging(ILoggerFactory factory, IHostEnvironment environment)
{
    private readonly ConcurrentDictionary<string, ILogger> _loggers = new();

    public void Write(string instance, ResourceLogEntry entry)
    {
        var logger = _loggers.GetOrAdd(instance, id => factory.CreateLogger($"{environment.ApplicationName}.Resources.{id}"));
        if (entry.IsError)
            LogError(logger, entry.Number, entry.Text);
        else
            LogOutput(logger, entry.Number, entry.Text);
    }

    [LoggerMessage(1, LogLevel.Information, "{Line}: {Text}")]
    private static partial void LogOutput(ILogger logger, int line, string text);

    [LoggerMessage(2, LogLevel.Error, "{Line}: {Text}")]
    private static partial void LogError(ILogger logger, int line, string text);
}
