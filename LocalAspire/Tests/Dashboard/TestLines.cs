using Microsoft.Extensions.Logging;

namespace LocalAspire.Tests.Dashboard;

internal static partial class TestLines
{
    [LoggerMessage(1, LogLevel.Information, "line {Number}.")]
    public static partial void Write(ILogger logger, int number);

    [LoggerMessage(2, LogLevel.Warning, "Order {Order} is late")]
    public static partial void WriteLate(ILogger logger, int order);
}
