using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using SseScaling.Redis;
using Xunit;

namespace SseScaling.Tests.Architecture;

/// <summary>Arrows go one way, among the projects and among the library's folders.</summary>
public sealed partial class LayerTests
{
    /// <summary>Each may use those before it.</summary>
    private static readonly string[] Folders =
        ["Hosting", "Protocol", "Telemetry", "Backplane", "Connections", "Topics", "Sockets", "Authorization", "Cluster", "Subscribing", "Endpoints"];

    [Fact]
    public void The_library_knows_neither_redis_nor_any_project_of_the_solution() =>
        Assert.DoesNotContain(References(typeof(SseEvent).Assembly), name => name.StartsWith("SseScaling", StringComparison.Ordinal) || name is "StackExchange.Redis" or "Polly.Core");

    [Fact]
    public void The_redis_package_knows_the_library_alone() =>
        Assert.Equal(["SseScaling"], References(typeof(RedisLink).Assembly).Where(name => name.StartsWith("SseScaling", StringComparison.Ordinal)));

    [Fact]
    public void The_services_see_no_internals_of_the_library()
    {
        string[] services = ["SseScaling.Api", "SseScaling.Publisher", "SseScaling.ServiceDefaults"];

        foreach (var assembly in new[] { typeof(SseEvent).Assembly, typeof(RedisLink).Assembly })
            Assert.Empty(assembly.GetCustomAttributes<InternalsVisibleToAttribute>().Select(friend => friend.AssemblyName).Intersect(services));
    }

    // A type of another folder needs its using directive, and the build refuses one that is not needed: the directives are the references.
    [Fact]
    public void There_are_no_circles_among_the_folders_of_the_library()
    {
        var wrong = new List<string>();
        foreach (var (index, folder) in Folders.Index())
        {
            var files = Directory.GetFiles(Path.Combine(Root(), "SseScaling", folder), "*.cs");
            Assert.NotEmpty(files);
            wrong.AddRange(
                from file in files
                from use in Use().Matches(File.ReadAllText(file)).Select(match => match.Groups["folder"].Value)
                where Array.IndexOf(Folders, use) >= index
                select $"{folder}/{Path.GetFileName(file)} uses {use}");
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void Every_folder_of_the_library_has_its_place_and_no_file_is_longer_than_300_lines()
    {
        var library = Path.Combine(Root(), "SseScaling");
        var folders = Directory.GetDirectories(library).Select(Path.GetFileName).Except(["bin", "obj"]);

        Assert.Equal(Folders.Order(StringComparer.Ordinal), folders.Order(StringComparer.Ordinal));
        Assert.DoesNotContain(
            Directory.GetFiles(library, "*.cs", SearchOption.AllDirectories).Where(file => !file.Contains("/obj/", StringComparison.Ordinal)),
            file => File.ReadLines(file).Count() > 300);
    }

    private static IEnumerable<string> References(Assembly assembly) => assembly.GetReferencedAssemblies().Select(name => name.Name!);

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "SseScaling.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("The solution's folder is not above the tests.");
        return folder.FullName;
    }

    [GeneratedRegex(@"^using SseScaling\.(?<folder>\w+);", RegexOptions.Multiline)]
    private static partial Regex Use();
}
