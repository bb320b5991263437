using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace SseScaling.Connections;

/// <summary>A stream on an ordinary HTTP response. One loop writes whatever waits and flushes once; it ends with the stream.</summary>
internal sealed class ResponseConnection : Connection, IDisposable
{
    // What one flush takes: enough for any batch, little enough that the backlog is counted down while a large one drains.
    private const int MaxPieces = 64;

    private readonly HttpContext _context;
    private readonly SemaphoreSlim _waiting = new(0);
    private readonly CancellationTokenSource _ended = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ResponseConnection(ConnectionRegistry registry, string label, string? user, HttpContext context)
        : base(registry, label, user)
    {
        _context = context;
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        context.Features.Get<OrdinaryConnections.Ordinary>()?.Remove();
        if (context.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket)
            BoundKernel(socket);
    }

    /// <summary>Writes until the stream ends.</summary>
    public override async Task RunAsync()
    {
        await using var aborted = _context.RequestAborted.UnsafeRegister(static c => ((Connection)c!).End(SseDisconnectReason.Client), this);
        var pieces = new List<ArraySegment<byte>>();
        try
        {
            while (true)
            {
                await _waiting.WaitAsync(_ended.Token);
                while (TakePieces(pieces, MaxPieces))
                    await WriteAsync(pieces);
            }
        }
        catch (OperationCanceledException)
        {
            // The stream ended, gracefully or not.
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            End(SseDisconnectReason.Client);
        }
        finally
        {
            // Whoever ended the stream may still be closing it, and the response belongs to another request once this returns.
            End(SseDisconnectReason.Error);
            await _closed.Task;
        }
    }

    /// <summary>Call it behind <see cref="RunAsync"/> only: the stream is over then.</summary>
    public void Dispose()
    {
        _waiting.Dispose();
        _ended.Dispose();
    }

    protected override int TryWrite(ReadOnlySpan<byte> bytes) => 0;

    protected override void StartDraining() => _waiting.Release();

    protected override void Close(bool graceful)
    {
        // A client that takes nothing would hold up the end of the response.
        if (!graceful)
            _context.Abort();
        _ = CloseAsync();
    }

    private static void BoundKernel(Socket socket)
    {
        try
        {
            socket.SendBufferSize = MaxKernelBytes;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The client is gone, as the first write will find.
        }
    }

    private async Task CloseAsync()
    {
        await _ended.CancelAsync();
        _closed.SetResult();
    }

    private async Task WriteAsync(List<ArraySegment<byte>> pieces)
    {
        var written = 0;
        PipeWriter body = _context.Response.BodyWriter;
        foreach (var piece in pieces)
        {
            body.Write(piece);
            written += piece.Count;
        }

        pieces.Clear();
        await body.FlushAsync(_ended.Token);
        Wrote(written);
    }
}
