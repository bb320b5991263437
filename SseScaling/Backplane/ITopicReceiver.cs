using SseScaling.Protocol;

namespace SseScaling.Backplane;

/// <summary>Takes what arrives on one topic.</summary>
internal interface ITopicReceiver
{
    /// <summary>
    /// Called for each message of the topic, one at a time and in the order in which Redis sent them. The call must return at once
    /// (hand over to a queue): it runs on the reader of the Redis connection and delays every other topic.
    /// </summary>
    /// <param name="message">Bytes of <see cref="EventEnvelope"/>'s grammar; the receiver may keep them.</param>
    void Receive(ReadOnlyMemory<byte> message);
}
