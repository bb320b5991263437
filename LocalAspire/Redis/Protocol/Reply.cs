namespace StackExchange.Redis;

/// <summary>What is done with a reply. Stateless where possible: what differs per command is its completion source.</summary>
internal abstract class Reply
{
    /// <summary>Completes the command; runs on the connection's reader, so it must not block.</summary>
    /// <param name="source">The command's completion source, or null if nobody waits.</param>
    /// <param name="reply">The complete reply; valid during this call.</param>
    internal abstract void Complete(object? source, ReadOnlySpan<byte> reply);

    internal abstract void Fail(object? source, Exception exception);
}

internal delegate T ReplyParser<out T>(ref RespReader reader);

/// <summary>Turns a reply into a value.</summary>
internal class Reply<T>(ReplyParser<T> parse) : Reply
{
    internal override void Complete(object? source, ReadOnlySpan<byte> reply)
    {
        var reader = new RespReader(reply);
        if (reader.IsError)
        {
            OnError(source, reader.ReadText());
            return;
        }

        if (source is null)
            return;

        T result;
        try
        {
            result = parse(ref reader);
        }
        catch (Exception e)
        {
            // Whatever is wrong with this reply concerns its caller, and neither the reader nor the replies behind it.
            Fail(source, e);
            return;
        }

        ((TaskCompletionSource<T>)source).TrySetResult(result);
    }

    internal override void Fail(object? source, Exception exception)
    {
        if (source is not TaskCompletionSource<T> waiting || !waiting.TrySetException(exception))
            return;

        // A caller that stopped waiting (WaitAsync) must not turn its command's failure into an unobserved one.
        _ = waiting.Task.Exception;
    }

    protected virtual void OnError(object? source, string message) => Fail(source, new RedisServerException(message));
}
