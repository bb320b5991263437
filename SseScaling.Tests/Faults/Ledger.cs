namespace SseScaling.Tests.Faults;

/// <summary>What was published and acknowledged: on each topic the numbers from 1 on, and during which fault each was sent first.</summary>
internal sealed class Ledger
{
    private readonly List<string>[] _faults;

    public Ledger(int topics) => _faults = [.. Enumerable.Range(0, topics).Select(_ => new List<string>())];

    public int Topics => _faults.Length;

    /// <summary>What goes wrong at the moment.</summary>
    public string Fault { get; set; } = "none";

    public int Published(int topic)
    {
        lock (_faults[topic])
            return _faults[topic].Count;
    }

    /// <summary>Enters a topic's next number.</summary>
    public void Acknowledged(int topic, string fault)
    {
        lock (_faults[topic])
            _faults[topic].Add(fault);
    }

    public string FaultOf(int topic, int number)
    {
        lock (_faults[topic])
            return _faults[topic][number - 1];
    }
}
