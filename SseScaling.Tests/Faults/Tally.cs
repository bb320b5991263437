using System.Globalization;

namespace SseScaling.Tests.Faults;

/// <summary>What became of the events that were published during one fault. All but the first are counted per client.</summary>
internal sealed class Tally
{
    public int Published { get; set; }

    public int Expected { get; set; }

    public int Received { get; set; }

    /// <summary>Neither received nor told of.</summary>
    public int Lost { get; set; }

    public int Twice { get; set; }

    public int OutOfOrder { get; set; }

    /// <summary>Missing, and the client was told so.</summary>
    public int Told { get; set; }
}

/// <summary>Compares what the clients got with what was published.</summary>
internal sealed class Verdict
{
    private readonly Dictionary<string, Tally> _tallies = [];

    public Verdict(Ledger ledger, IEnumerable<BrowserClient> clients)
    {
        for (var topic = 0; topic < ledger.Topics; topic++)
        {
            for (var number = 1; number <= ledger.Published(topic); number++)
                Of(ledger.FaultOf(topic, number)).Published++;
        }

        foreach (var client in clients)
        {
            foreach (var (topic, log) in client.Logs)
                Judge(log.Steps(), ledger.Published(topic), number => Of(ledger.FaultOf(topic, number)));
        }

        Total = new Tally();
        foreach (var tally in _tallies.Values)
            Add(tally);
    }

    public Tally Total { get; }

    /// <summary>Gaps: how many were told, and how many of them do not follow exactly what the client had.</summary>
    public int Gaps { get; private set; }

    public int WrongGaps { get; private set; }

    public IEnumerable<string> Table(string title)
    {
        yield return title;
        yield return $"{"during",-22}{"published",10}{"expected",10}{"received",10}{"lost",6}{"twice",7}{"out of order",14}{"told by gap",13}";
        foreach (var (fault, tally) in _tallies.Append(new KeyValuePair<string, Tally>("all", Total)))
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{fault,-22}{tally.Published,10}{tally.Expected,10}{tally.Received,10}{tally.Lost,6}{tally.Twice,7}{tally.OutOfOrder,14}{tally.Told,13}");
        }
    }

    private void Judge(Step[] steps, int published, Func<int, Tally> of)
    {
        var (received, told) = (new bool[published + 1], new bool[published + 1]);
        var reached = 0L;
        foreach (var step in steps)
        {
            if (step.IsGap)
            {
                Gaps++;
                if (step.From != reached + 1 || step.To < step.From || step.To > published)
                    WrongGaps++;
                for (var number = Math.Max(1, step.From); number <= Math.Min(published, step.To); number++)
                    told[number] = true;
            }
            else
            {
                Count(of((int)step.From), received[step.From] || told[step.From], step.From < reached);
                received[step.From] = true;
            }

            reached = Math.Max(reached, step.To);
        }

        for (var number = 1; number <= published; number++)
        {
            var tally = of(number);
            tally.Expected++;
            tally.Received += received[number] ? 1 : 0;
            tally.Told += told[number] ? 1 : 0;
            tally.Lost += received[number] || told[number] ? 0 : 1;
        }
    }

    private static void Count(Tally tally, bool again, bool late)
    {
        tally.Twice += again ? 1 : 0;
        tally.OutOfOrder += late && !again ? 1 : 0;
    }

    private Tally Of(string fault) => _tallies.TryGetValue(fault, out var tally) ? tally : _tallies[fault] = new Tally();

    private void Add(Tally tally)
    {
        Total.Published += tally.Published;
        Total.Expected += tally.Expected;
        Total.Received += tally.Received;
        Total.Lost += tally.Lost;
        Total.Twice += tally.Twice;
        Total.OutOfOrder += tally.OutOfOrder;
        Total.Told += tally.Told;
    }
}
