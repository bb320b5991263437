using BenchmarkDotNet.Attributes;
using SseScaling.Protocol;

namespace SseScaling.Benchmarks;

/// <summary>From a Redis message to the bytes that every subscriber shares.</summary>
[MemoryDiagnoser]
public class EncodingBenchmarks
{
    private ReadOnlyMemory<byte>[] _messages = [];

    [Params(1, 64)]
    public int Events { get; set; }

    [GlobalSetup]
    public void Setup() => _messages = Envelopes.Messages(Events);

    [Benchmark]
    public int ParseAndEncode()
    {
        var envelopes = new EventEnvelope[_messages.Length];
        for (var i = 0; i < envelopes.Length; i++)
            envelopes[i] = EventEnvelope.Parse(_messages[i]);
        return SseEncoder.Encode(envelopes).Whole.Length;
    }
}
