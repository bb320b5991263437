namespace SseScaling.Cluster;

/// <summary>What was asked of all replicas, and what they answered. Any thread.</summary>
/// <param name="expected">Who is waited for, at least who asks.</param>
internal sealed class ControlQuestion(IEnumerable<string> expected)
{
    private readonly Lock _gate = new();
    private readonly List<ControlMessage> _answers = [];
    private readonly HashSet<string> _missing = [.. expected];
    private readonly TaskCompletionSource _isAnswered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when all have answered who were expected.</summary>
    public Task WhenAnswered => _isAnswered.Task;

    /// <summary>What has been answered so far, also by replicas of which nobody knew.</summary>
    public IReadOnlyList<ControlMessage> Answers
    {
        get
        {
            lock (_gate)
                return [.. _answers];
        }
    }

    /// <summary>A replica that was expected and has not answered; null when there is none.</summary>
    public string? Missing
    {
        get
        {
            lock (_gate)
                return _missing.FirstOrDefault();
        }
    }

    public void Add(ControlMessage answer)
    {
        lock (_gate)
        {
            _answers.Add(answer);
            var isComplete = answer.Connections is null
                || _answers.Where(part => part.From == answer.From).Sum(part => part.Connections?.Count ?? 0) == answer.Count;
            if (isComplete && _missing.Remove(answer.From) && _missing.Count == 0)
                _isAnswered.TrySetResult();
        }
    }
}
