using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace SseScaling.Publisher.Traffic;

/// <summary>What kind of event it is; written as <c>type</c> into the data.</summary>
public enum EventKind
{
    /// <summary>Somebody likes a post of the topic's user.</summary>
    Like,

    /// <summary>Somebody follows the topic's user.</summary>
    Follow,

    /// <summary>Somebody whom the topic's user follows has posted.</summary>
    NewPost,
}

/// <summary>Events on their way to Redis, with the buffer that holds their data. Used by one thread at a time, and again after a clear.</summary>
/// <remarks>
/// The data's form: <c>{"type":"like","userId":"17","postId":"42-3","seq":5,"run":"9f3c21ab","at":"2026-01-31T12:00:00.123Z"}</c>.
/// <c>seq</c> counts the events of one topic in one run of the publisher from 1, so that a receiver sees what is missing, doubled or
/// out of order without knowing anything about SSE ids.
/// </remarks>
public sealed class EventBatch : IDisposable
{
    /// <summary>
    /// How many events are published together at most. Redis runs their scripts, at about 20 µs each, while nobody else is served
    /// from this connection; more would not be faster.
    /// </summary>
    public const int Capacity = 1_000;

    private readonly ArrayBufferWriter<byte> _buffer = new(64 * 1024);
    private readonly Utf8JsonWriter _json;
    private readonly List<SseEvent> _events = [];
    private readonly int[] _countByKind = new int[3];
    private readonly string?[] _topics;
    private readonly int[] _sequences;
    private readonly string _run;
    private readonly PublisherOptions _options;

    /// <summary>Creates an empty batch, which is to be used for all events of a run: it counts the sequences.</summary>
    /// <param name="options">Number of users, and whether events are durable and carry idempotency keys.</param>
    /// <param name="run">Names this run of the publisher; letters and digits.</param>
    public EventBatch(PublisherOptions options, string run)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _run = run;
        _topics = new string?[options.Users + 1];
        _sequences = new int[options.Users + 1];
        _json = new Utf8JsonWriter(_buffer, new JsonWriterOptions { SkipValidation = true });
    }

    /// <summary>The events in publish order.</summary>
    public IReadOnlyList<SseEvent> Events => _events;

    /// <summary>How many events of a kind there are.</summary>
    public int CountOf(EventKind kind) => _countByKind[(int)kind];

    /// <summary>Appends an event.</summary>
    /// <param name="recipient">The user whose topic it goes to.</param>
    /// <param name="kind">What happened.</param>
    /// <param name="actor">Who did it.</param>
    /// <param name="author">Whose post it concerns; nothing for <see cref="EventKind.Follow"/>.</param>
    /// <param name="post">The number of the author's post.</param>
    /// <param name="at">When.</param>
    public void Add(int recipient, EventKind kind, int actor, int author, int post, DateTimeOffset at)
    {
        var sequence = ++_sequences[recipient];
        var start = _buffer.WrittenCount;
        _json.Reset();
        _json.WriteStartObject();
        WriteWhatHappened(kind, actor, author, post);
        _json.WriteNumber("seq"u8, sequence);
        _json.WriteString("run"u8, _run);
        WriteTime(at);
        _json.WriteEndObject();
        _json.Flush();
        _countByKind[(int)kind]++;
        _events.Add(new SseEvent(_topics[recipient] ??= $"notifications:{recipient}", _buffer.WrittenMemory[start..])
        {
            Key = _options.Keys ? $"{_run}-{sequence}" : null,
            Durable = _options.Durable,
        });
    }

    /// <summary>Empties the batch; the data of its events must no longer be read.</summary>
    public void Clear()
    {
        _events.Clear();
        _buffer.ResetWrittenCount();
        Array.Clear(_countByKind);
    }

    /// <inheritdoc/>
    public void Dispose() => _json.Dispose();

    private void WriteWhatHappened(EventKind kind, int actor, int author, int post)
    {
        Span<char> text = stackalloc char[24];
        actor.TryFormat(text, out var length, default, CultureInfo.InvariantCulture);
        _json.WriteString("type"u8, kind switch { EventKind.Like => "like"u8, EventKind.Follow => "follow"u8, _ => "new-post"u8 });
        _json.WriteString(kind == EventKind.NewPost ? "authorId"u8 : "userId"u8, text[..length]);
        if (kind == EventKind.Follow)
            return;
        text.TryWrite(CultureInfo.InvariantCulture, $"{author}-{post}", out length);
        _json.WriteString("postId"u8, text[..length]);
    }

    private void WriteTime(DateTimeOffset at)
    {
        Span<byte> text = stackalloc byte[24];
        at.UtcDateTime.TryFormat(text, out var length, "yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        _json.WriteString("at"u8, text[..length]);
    }
}
