using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.Hosting;

/// <summary>What stops a service's start and is for whoever started it to mend: that is a sentence and exit code 1, not a crash with a stack trace.</summary>
public static class StartMistake
{
    /// <summary>The sentences, one a line; null for anything else that was thrown, which is a fault of the service's.</summary>
    public static string? Of(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case OptionsValidationException options:
                    return string.Join(Environment.NewLine, options.Failures);
                // What the configuration's binder throws, a general exception, names the setting.
                case InvalidOperationException { Message: var message } when message.StartsWith("Failed to convert configuration value", StringComparison.Ordinal):
                    return message;
                case SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse }:
                    return $"{exception.Message} Stop the process that has the port, or set ASPNETCORE_URLS to another.";
                case SocketException { SocketErrorCode: SocketError.AccessDenied or SocketError.AddressNotAvailable }:
                    return $"{exception.Message}: set ASPNETCORE_URLS to an address of this machine and a port that this user may listen to.";
            }
        }

        return null;
    }
}
