using System.Text.Json;

namespace Aspire.Hosting;

/// <summary>The file Properties/launchSettings.json of a project.</summary>
public sealed class LaunchSettings
{
    private static readonly JsonSerializerOptions FileFormat = new(JsonSerializerDefaults.Web)
    {
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <summary>The profiles by name, in the order of the file.</summary>
    public Dictionary<string, LaunchProfile> Profiles { get; set; } = [];

    /// <summary>Reads the settings of a project; without the file there are no profiles.</summary>
    internal static LaunchSettings Read(string projectDirectory)
    {
        var file = Path.Combine(projectDirectory, "Properties", "launchSettings.json");
        if (!File.Exists(file))
            return new LaunchSettings();
        try
        {
            return JsonSerializer.Deserialize<LaunchSettings>(File.ReadAllText(file), FileFormat) ?? new LaunchSettings();
        }
        catch (JsonException error)
        {
            throw new DistributedApplicationException($"There is malformed JSON in the launch settings file '{file}': {error.Message}", error);
        }
    }

    /// <summary>The profile of this name, or else the first that starts the project itself.</summary>
    internal KeyValuePair<string, LaunchProfile>? Select(string? name) => Profiles
        .Where(profile => name is null ? profile.Value.CommandName == "Project" : profile.Key == name)
        .Select(profile => (KeyValuePair<string, LaunchProfile>?)profile)
        .FirstOrDefault();
}

/// <summary>One way to start a project.</summary>
public sealed class LaunchProfile
{
    /// <summary>What is started; Project: the project itself.</summary>
    public string? CommandName { get; set; }

    /// <summary>The URLs, separated by semicolons.</summary>
    public string? ApplicationUrl { get; set; }

    /// <summary>The page to open, at the first URL.</summary>
    public string? LaunchUrl { get; set; }

    /// <summary>The variables of the process.</summary>
    public Dictionary<string, string> EnvironmentVariables { get; set; } = [];
}
