using System.Globalization;
using System.Reflection;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Docs;

/// <summary>Packs the library once, and makes web applications in temporary folders that know nothing but the packages.</summary>
public sealed class PackedApplication : IAsyncLifetime
{
    private static readonly TimeSpan Within = TimeSpan.FromMinutes(3);
    private static readonly string[] Packages = ["SseScaling", "SseScaling.Redis", "SseScaling.Testing"];

    private readonly string _folder = Directory.CreateTempSubdirectory("sse-packed-").FullName;

    // Unique, so that no package of an earlier run is taken from the cache, from which it is removed at the end.
    private readonly string _version = string.Create(CultureInfo.InvariantCulture, $"1.0.0-run.{DateTime.UtcNow.Ticks}");

    /// <summary>The root of the sources.</summary>
    public static string Root { get; } = FindRoot();

    private static string Cache => Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private string Feed => Path.Combine(_folder, "feed");

    public async ValueTask InitializeAsync()
    {
        foreach (var package in Packages)
        {
            await DotnetAsync(Root, "pack", package, "-c", Release, "-o", Feed, $"-p:Version={_version}", "--no-build", "-v", "q");
        }

        await File.WriteAllTextAsync(Path.Combine(_folder, "nuget.config"), $"""
            <configuration>
              <packageSources><add key="packed" value="{Feed}" /></packageSources>
            </configuration>
            """);
    }

    /// <summary>Makes an application as <c>dotnet new web</c> does, with this Program.cs, and builds it.</summary>
    /// <param name="name">The application's name.</param>
    /// <param name="program">Its program.</param>
    /// <param name="more">More code of it.</param>
    /// <returns>Its assembly.</returns>
    public async Task<string> BuildAsync(string name, string program, string more = "")
    {
        var folder = Path.Combine(_folder, name);
        await DotnetAsync(_folder, "new", "web", "-o", folder, "-n", name, "--no-restore");
        foreach (var package in Packages)
            await DotnetAsync(folder, "add", "package", package, "-v", _version);
        await File.WriteAllTextAsync(Path.Combine(folder, "Program.cs"), program);
        await File.WriteAllTextAsync(Path.Combine(folder, "More.cs"), more);
        await DotnetAsync(folder, "build", "-o", Path.Combine(folder, "out"), "-v", "q", "-nologo");
        return Path.Combine(folder, "out", name + ".dll");
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        foreach (var package in Packages)
        {
            var cached = Path.Combine(Cache, package.ToLowerInvariant(), _version);
            if (Directory.Exists(cached))
                Directory.Delete(cached, recursive: true);
        }

        return ValueTask.CompletedTask;
    }

    private static string Release => typeof(PackedApplication).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;

    private static async Task DotnetAsync(string folder, params string[] arguments)
    {
        await using var tool = Tool.Start("dotnet", folder, arguments);
        await tool.SucceedAsync(Within);
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "SseScaling.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("The tests do not run inside the sources.");
        return folder.FullName;
    }
}
