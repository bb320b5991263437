using System.CommandLine;
using SseScaling.LoadTest;
using SseScaling.LoadTest.FanOut;
using SseScaling.LoadTest.Options;

// The commands: a run, the comparison of two, and posts to many followers.
var options = new CommandLine();
var root = new RootCommand("Opens thousands of SSE streams, checks the sequence of every one, and reports latency percentiles.");
foreach (var option in options.All) root.Options.Add(option);
root.SetAction((parsed, _) => Commands.RunAsync(() => options.Read(parsed)));
root.Subcommands.Add(Commands.Compare());
root.Subcommands.Add(FanOutOptions.Command(Commands.FanOutAsync));

// What cannot be parsed is one sentence, and 2.
var parsed = root.Parse(args);
if (parsed.Errors.Count > 0) return Commands.Refuse(parsed.Errors[0].Message);

// Ctrl+C is the run's own business: it still reports.
return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
