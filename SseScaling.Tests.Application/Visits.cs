using System.Threading.Channels;

namespace SseScaling.Tests.Application;

/// <summary>Who came and went.</summary>
public sealed class Visits
{
    private readonly Channel<string> _told = Channel.CreateUnbounded<string>();

    /// <summary>One line for each stream that began or ended.</summary>
    public ChannelReader<string> Told => _told.Reader;

    internal Task ConnectedAsync(SseConnection connection) => TellAsync($"{connection.User} came to {string.Join(' ', connection.Topics)}");

    internal Task DisconnectedAsync(SseConnection connection, SseDisconnectReason reason) => TellAsync($"{connection.User} went: {reason}");

    private Task TellAsync(string line) => _told.Writer.WriteAsync(line).AsTask();
}
