using System.Buffers;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;

namespace SseScaling.Sockets;

/// <summary>The way out: to the client, or, for the last answer before the socket leaves, to who takes it.</summary>
internal sealed partial class DetachableConnection
{
    private readonly ArrayBufferWriter<byte> _held = new();
    private TaskCompletionSource? _writable;
    private volatile bool _isSending;

    public bool IsDetachable
    {
        get
        {
            lock (_gate)
            {
                // What wraps the pipes (TLS, a log of the bytes) stands between the server and the socket.
                return _state == State.Open && !_isInputOver && !_isSending && _output.Writer.UnflushedBytes == 0 && ReferenceEquals(Transport, _transport);
            }
        }
    }

    public void HoldOutput()
    {
        lock (_gate)
        {
            if (_state == State.Open)
                _state = State.Held;
        }
    }

    public void ReleaseOutput()
    {
        lock (_gate)
        {
            if (_state != State.Held)
                return;
            _state = State.Open;
            if (_held.WrittenCount == 0)
                return;
        }

        Abort(new ConnectionAbortedException("The answer could not be handed on."));
    }

    public DetachedSocket? Detach()
    {
        lock (_gate)
        {
            if (_state != State.Held || _isInputOver || _held.WrittenCount == 0)
                return null;
            _state = State.Detached;
            _isInputOver = true;
            _input.Writer.Complete();
            return new DetachedSocket(_watch, _descriptor, ResponseHead.DelimitedByClose(_held.WrittenSpan));
        }
    }

    public void OnWritable(Span<byte> buffer)
    {
        lock (_gate)
        {
            if (_writable is null)
                return;
            Expect(_expected & ~Libc.Writable);
            _writable.SetResult();
            _writable = null;
        }
    }

    private async Task SendAsync()
    {
        ConnectionAbortedException? reason = null;
        try
        {
            await SendAllAsync();
        }
        catch (Exception e)
        {
            // Also what the server ended its writing with.
            reason = e as ConnectionAbortedException ?? new ConnectionAbortedException(e.Message, e);
        }

        Shutdown(reason);
        await _output.Reader.CompleteAsync();
        lock (_gate)
            _input.Writer.CancelPendingFlush();
    }

    private async Task SendAllAsync()
    {
        while (true)
        {
            var result = await _output.Reader.ReadAsync();
            if (result.IsCanceled)
                return;
            var rest = result.Buffer;
            _isSending = true;
            while (!rest.IsEmpty)
            {
                rest = rest.Slice(Send(rest));
                if (!rest.IsEmpty)
                    await WritableAsync();
            }

            _isSending = false;
            _output.Reader.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
                return;
        }
    }

    /// <summary>Sends what the client takes; returns how many bytes that are.</summary>
    private long Send(ReadOnlySequence<byte> bytes)
    {
        lock (_gate)
        {
            switch (_state)
            {
                case State.Detached:
                    // The end of an answer that somebody else goes on with.
                    return bytes.Length;
                case State.Held:
                    foreach (var piece in bytes)
                        _held.Write(piece.Span);
                    return bytes.Length;
                case State.Closed:
                    throw _reason!;
            }

            var sent = 0L;
            foreach (var piece in bytes)
            {
                // More: the pieces become full packets.
                var count = Send(piece.Span, sent + piece.Length < bytes.Length ? Libc.More : 0);
                sent += count;
                if (count < piece.Length)
                    break;
            }

            return sent;
        }
    }

    private unsafe int Send(ReadOnlySpan<byte> bytes, int more)
    {
        fixed (byte* start = bytes)
        {
            var sent = (int)Libc.Send(_descriptor, start, (nuint)bytes.Length, Libc.DontWait | Libc.NoSignal | more);
            if (sent >= 0)
                return sent;
        }

        var error = Marshal.GetLastPInvokeError();
        return error is Libc.WouldBlock or Libc.Interrupted or Libc.NoBuffers
            ? 0
            : throw new ConnectionAbortedException(Marshal.GetPInvokeErrorMessage(error));
    }

    private Task WritableAsync()
    {
        lock (_gate)
        {
            if (_state is State.Closed)
                return Task.CompletedTask;
            _writable = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (!Expect(_expected | Libc.Writable))
                throw new ConnectionAbortedException("The system watches no more sockets: see fs.epoll.max_user_watches.");
            return _writable.Task;
        }
    }
}
