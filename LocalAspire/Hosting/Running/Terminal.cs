using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace LocalAspire;

/// <summary>
/// The AppHost's terminal: every line with the instance it comes from. Lines are written by one task; a terminal that is too slow loses
/// the oldest waiting lines instead of holding up the services that write them.
/// </summary>
internal sealed class Terminal : ILoggerProvider, IAsyncDisposable
{
    private const int WaitingLines = 10_000;

    // Cyan, green, yellow, blue, magenta and their bright forms: readable on dark and light ground. Red is left for errors.
    private static readonly int[] Colours = [36, 32, 33, 34, 35, 96, 92, 93, 94, 95];

    private readonly Channel<string> _lines;
    private readonly Task _writing;
    private readonly Dictionary<string, int> _colours = [];
    private readonly bool _isColoured = !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
    private int _width = "apphost".Length;
    private int _lost;

    public Terminal()
    {
        _lines = Channel.CreateBounded<string>(
            new BoundedChannelOptions(WaitingLines) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true },
            _ => Interlocked.Increment(ref _lost));
        _writing = Task.Run(WriteAllAsync);
    }

    /// <summary>Makes room for the names of the instances.</summary>
    public void Align(IEnumerable<string> names)
    {
        lock (_colours)
        {
            foreach (var name in names)
                _width = Math.Max(_width, name.Length);
        }
    }

    /// <summary>Writes a line without a prefix.</summary>
    public void WriteLine(string text) => _lines.Writer.TryWrite(text);

    public void WriteLine(string source, string text, bool isError)
    {
        lock (_colours)
        {
            if (!_isColoured)
            {
                WriteLine($"{source.PadRight(_width)} | {text}");
                return;
            }

            if (!_colours.TryGetValue(source, out var colour))
                _colours[source] = colour = Colours[_colours.Count % Colours.Length];
            WriteLine($"\e[{colour}m{source.PadRight(_width)}\e[0m {(isError ? "\e[31m|\e[0m" : "|")} {text}");
        }
    }

    public void WriteLine(string source, ResourceLogEntry entry) => WriteLine(source, entry.Text, entry.IsError);

    ILogger ILoggerProvider.CreateLogger(string categoryName) => new ResourceLogger((text, isError) => WriteLine("apphost", text, isError));

    public void Dispose() => _lines.Writer.TryComplete();

    public async ValueTask DisposeAsync()
    {
        Dispose();
        await _writing;
    }

    private async Task WriteAllAsync()
    {
        await foreach (var line in _lines.Reader.ReadAllAsync())
        {
            await Console.Out.WriteLineAsync(line);
            if (Interlocked.Exchange(ref _lost, 0) is > 0 and var lost)
                await Console.Out.WriteLineAsync($"… {lost} lines left out: the terminal is too slow.");
        }
    }
}
