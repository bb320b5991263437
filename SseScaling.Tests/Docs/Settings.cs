using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using SseScaling.Api.Pages;
using SseScaling.Api.Social;
using SseScaling.Publisher;
using SseScaling.Redis;

namespace SseScaling.Tests.Docs;

/// <summary>The settings of the library and of the sample, as their option types have them.</summary>
internal static partial class Settings
{
    private static readonly (string Title, string Section, Type Type)[] Sections =
    [
        ("Streams (SseScaling)", SseOptions.Section, typeof(SseOptions)),
        ("History (SseScaling)", $"{SseOptions.Section}:{nameof(SseOptions.History)}", typeof(SseHistoryOptions)),
        ("Redis (SseScaling.Redis)", SseRedisOptions.Section, typeof(SseRedisOptions)),
        ("The sample: social patterns", SocialOptions.Section, typeof(SocialOptions)),
        ("The sample: demo", DemoOptions.Section, typeof(DemoOptions)),
        ("The sample: publisher", PublisherOptions.Section, typeof(PublisherOptions)),
    ];

    /// <summary>Every setting that a configuration can hold.</summary>
    public static IEnumerable<(string Key, PropertyInfo Property)> All => Sections.SelectMany(section => Of(section.Type).Select(property => ($"{section.Section}:{property.Name}", property)));

    /// <summary>The page.</summary>
    public static string Page()
    {
        var page = new StringBuilder("""
            # Settings

            Any source of .NET's configuration sets them: `appsettings.json`, the environment (`Sse__Heartbeat=00:00:20`), the command line (`--Sse:Heartbeat=00:00:20`), or code
            (`AddSse(options => …)`). Times are `hh:mm:ss`, or `d.hh:mm:ss`. A value that is out of range or of another type stops the start with a sentence.

            This page is made of the option types: `SSE_WRITE_DOCS=1 ./test -class 'SseScaling.Tests.Docs.SettingsDocTests'` writes it, and each test run compares it.

            """);
        foreach (var (title, section, type) in Sections)
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## {title}\n\nSection `{section}`.\n\n| Setting | Default | Range | |\n|---|---|---|---|\n");
            var defaults = Activator.CreateInstance(type)!;
            foreach (var property in Of(type))
                page.Append(CultureInfo.InvariantCulture, $"| `{property.Name}` | {Text(property.GetValue(defaults))} | {Range(property)} | {Meaning(property)} |\n");
        }

        return page.ToString();
    }

    private static IEnumerable<PropertyInfo> Of(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.CanWrite && !property.PropertyType.IsAssignableTo(typeof(Delegate)) && property.PropertyType != typeof(SseHistoryOptions));

    private static string Text(object? value) => value switch
    {
        null => "",
        TimeSpan { Milliseconds: > 0 } time => $"`{time.ToString("c", CultureInfo.InvariantCulture).TrimEnd('0')}`",
        TimeSpan time => $"`{time:c}`",
        bool is_ => is_ ? "`true`" : "`false`",
        IFormattable number and not Enum => $"`{number.ToString(null, CultureInfo.InvariantCulture)}`",
        _ => $"`{value}`",
    };

    private static string Range(PropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (type.IsEnum)
            return string.Join(", ", Enum.GetNames(type).Select(name => $"`{name}`"));
        if (property.GetCustomAttribute<RangeAttribute>() is not { } range)
            return "";
        return $"{Text(Limit(range.Minimum, type))} to {Text(Limit(range.Maximum, type))}";
    }

    /// <summary>A limit of a range, of the setting's type.</summary>
    public static object Limit(object limit, Type type) => type == typeof(TimeSpan) ? TimeSpan.Parse((string)limit, CultureInfo.InvariantCulture) : limit;

    /// <summary>The summary of a member, as its assembly's documentation file has it, as Markdown.</summary>
    private static string Meaning(PropertyInfo property)
    {
        var type = property.DeclaringType!;
        var file = XDocument.Load(Path.ChangeExtension(type.Assembly.Location, ".xml"));
        var summary = file.Descendants("member").Single(member => (string?)member.Attribute("name") == $"P:{type.FullName}.{property.Name}").Element("summary")!;
        var text = new StringBuilder();
        foreach (var node in summary.Nodes())
        {
            text.Append(node switch
            {
                XText words => words.Value,
                XElement { Name.LocalName: "see" } see => $"`{((string?)see.Attribute("cref") ?? (string?)see.Attribute("langword"))!.Split('(')[0].Split('.')[^1]}`",
                XElement element => $"`{element.Value}`",
                _ => "",
            });
        }

        return Spaces().Replace(text.ToString(), " ").Trim().Replace("|", "\\|", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
