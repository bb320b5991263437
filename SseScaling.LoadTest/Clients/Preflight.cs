using System.Net.Sockets;
using System.Text;

namespace SseScaling.LoadTest.Clients;

/// <summary>Opens one stream before thousands are opened, so that a wrong address ends in a sentence and not in thousands of errors.</summary>
internal static class Preflight
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Returns if the answer is an event stream.</summary>
    /// <exception cref="UsageException">It is not.</exception>
    public static async Task CheckAsync(Target target, byte[] request, string path, CancellationToken cancellation)
    {
        var shown = new Uri(target.Url, target.PathOf(path));
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        try
        {
            var head = await AskAsync(target, request, patience.Token);
            if (head.IsEventStream) return;
            var type = head.ContentType.Length > 0 ? head.ContentType : "nothing";
            throw new UsageException($"{shown} answered {head.Status} with {type}, which is no event stream: check --url and --path.");
        }
        catch (SocketException problem)
        {
            throw new UsageException($"{target.Url} cannot be reached: {problem.Message}. Is the server running there?");
        }
        catch (IOException problem)
        {
            throw new UsageException($"{shown} gives no HTTP answer: {problem.Message}");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new UsageException($"{shown} sent no response head within {Patience.TotalSeconds:0} s: is this an HTTP server, and does it flush its headers?");
        }
    }

    private static async Task<ResponseHead> AskAsync(Target target, byte[] request, CancellationToken cancellation)
    {
        using var socket = new Socket(target.EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(target.EndPoint, cancellation);
        await socket.SendAsync((byte[])[.. request, .. "\r\n"u8], cancellation);
        var buffer = new byte[8 << 10];
        var response = new HttpStream();
        while (response.Head is null)
        {
            var count = await socket.ReceiveAsync(buffer, cancellation);
            if (count == 0) throw new IOException("the server closed the connection without an answer.");
            ReadOnlySpan<byte> bytes = buffer.AsSpan(0, count);
            response.Next(ref bytes);
            if (response.Broken) throw new IOException($"it begins with '{Beginning(buffer.AsSpan(0, count))}'.");
        }
        return response.Head;
    }

    private static string Beginning(ReadOnlySpan<byte> bytes) =>
        new([.. Encoding.Latin1.GetString(bytes[..Math.Min(24, bytes.Length)]).Select(c => char.IsControl(c) ? ' ' : c)]);
}
