using Xunit;

namespace SseScaling.Tests.Faults;

/// <summary>Tests that start several processes and load them: one after the other, and beside no others.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
