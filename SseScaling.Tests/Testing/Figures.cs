using Xunit;

namespace SseScaling.Tests.Testing;

/// <summary>Prints what a test measured: into its result, and on the screen, indented as what ./test lets through.</summary>
internal static class Figures
{
    public static void Print(IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            TestContext.Current.TestOutputHelper?.WriteLine(line);
            Console.WriteLine("      " + line);
        }
    }
}
