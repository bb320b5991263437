namespace SseScaling.LoadTest;

/// <summary>What the user asked for cannot be done: one sentence that says why and what to do, exit code 2.</summary>
/// <param name="sentence">The sentence.</param>
internal sealed class UsageException(string sentence) : Exception(sentence);
