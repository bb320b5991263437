using System.CommandLine;
using Spectre.Console;
using SseScaling.LoadTest.Clients;
using SseScaling.LoadTest.FanOut;
using SseScaling.LoadTest.Options;
using SseScaling.LoadTest.Report;
using SseScaling.LoadTest.Terminal;

namespace SseScaling.LoadTest;

/// <summary>What the commands do, and their exit codes.</summary>
internal static class Commands
{
    /// <summary>The run is done and every threshold was kept.</summary>
    public const int Done = 0;

    /// <summary>A threshold was not kept.</summary>
    public const int ThresholdFailed = 1;

    /// <summary>It could not be done: one sentence says why.</summary>
    public const int Impossible = 2;

    private const int LogWidth = 400;

    /// <summary>Runs a load test.</summary>
    /// <param name="read">Reads the options.</param>
    public static async Task<int> RunAsync(Func<RunOptions> read)
    {
        try
        {
            var options = read();
            ReportFiles.Prepare(options.Out);
            using var interrupt = new Interrupt();
            options = options with { Urls = await DirectAddresses.ChooseAsync(options.Urls, options.Connections, options.Direct, Console.Out, interrupt.Token) };
            var report = await ExecuteAsync(options, interrupt.Token);
            await ReportFiles.WriteAsync(options.Out, report);
            var console = Output();
            Summary.Print(console, report);
            console.WriteLine($"report  {ReportFiles.HtmlPath(options.Out)}  {ReportFiles.JsonPath(options.Out)}");
            if (report.Problem is { } problem) return Refuse(problem);
            return report.Thresholds.All(threshold => threshold.Ok) ? Done : ThresholdFailed;
        }
        catch (UsageException problem)
        {
            return Refuse(problem.Message);
        }
        catch (OperationCanceledException)
        {
            return Refuse("Interrupted before the first connection: there is nothing to report.");
        }
    }

    /// <summary>Times posts to many followers.</summary>
    /// <param name="read">Reads the options.</param>
    public static async Task<int> FanOutAsync(Func<FanOutOptions> read)
    {
        try
        {
            using var interrupt = new Interrupt();
            var options = read();
            options = options with { StreamUrls = await DirectAddresses.ChooseAsync([options.Url], options.Followers, options.Direct, Console.Out, interrupt.Token) };
            using var run = new FanOutRun(options, Console.Out);
            return await run.ExecuteAsync(interrupt.Token) ? Done : ThresholdFailed;
        }
        catch (UsageException problem)
        {
            return Refuse(problem.Message);
        }
        catch (OperationCanceledException)
        {
            return Refuse("Interrupted.");
        }
    }

    /// <summary>The command that shows two reports side by side.</summary>
    public static Command Compare()
    {
        var a = new Argument<string>("a.json") { Description = "The first report" };
        var b = new Argument<string>("b.json") { Description = "The second report" };
        var command = new Command("compare", "Shows two runs side by side, with ratios.") { a, b };
        command.SetAction((parsed, _) => CompareAsync(parsed.GetValue(a)!, parsed.GetValue(b)!));
        return command;
    }

    /// <summary>Says why not.</summary>
    public static int Refuse(string sentence)
    {
        Console.Error.WriteLine(sentence);
        return Impossible;
    }

    private static IAnsiConsole Output()
    {
        if (!Console.IsOutputRedirected) return AnsiConsole.Console;
        // Logs want no colours, and lines that are not folded at the width of a terminal that is not there.
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors });
        console.Profile.Width = LogWidth;
        return console;
    }

    private static async Task<RunReport> ExecuteAsync(RunOptions options, CancellationToken interrupted)
    {
        async Task<RunReport> Run(IRunView view)
        {
            await using var run = new LoadRun(options, view);
            return await run.ExecuteAsync(interrupted);
        }
        var live = !options.Plain && !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Ansi;
        return live ? await LiveView.RunAsync(Run) : await Run(new PlainView(Console.Out));
    }

    private static async Task<int> CompareAsync(string a, string b)
    {
        try
        {
            Comparison.Print(Output(), a, await ReportFiles.ReadAsync(a), b, await ReportFiles.ReadAsync(b));
            return Done;
        }
        catch (UsageException problem)
        {
            return Refuse(problem.Message);
        }
    }
}
