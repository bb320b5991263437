using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using SseScaling.Api.Social;
using Xunit;

namespace SseScaling.Tests.Docs;

/// <summary>The page of all settings says what the options are, and the options refuse what it says that they refuse.</summary>
public sealed class SettingsDocTests
{
    private static readonly string File = Path.Combine(PackedApplication.Root, "docs", "settings.md");

    public static TheoryData<string> Ranges { get; } =
        [.. Settings.All.Where(setting => setting.Property.IsDefined(typeof(RangeAttribute))).Select(setting => setting.Key)];

    [Fact]
    public async Task The_page_is_current()
    {
        var page = Settings.Page();
        if (Environment.GetEnvironmentVariable("SSE_WRITE_DOCS") == "1")
            await System.IO.File.WriteAllTextAsync(File, page, TestContext.Current.CancellationToken);

        Assert.Equal(page, await System.IO.File.ReadAllTextAsync(File, TestContext.Current.CancellationToken));
    }

    [Theory]
    [MemberData(nameof(Ranges))]
    public void A_value_out_of_range_stops_the_start_with_a_sentence(string key)
    {
        var property = Settings.All.Single(setting => setting.Key == key).Property;
        var range = property.GetCustomAttribute<RangeAttribute>()!;
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        foreach (var (limit, step) in new[] { (range.Minimum, -1), (range.Maximum, 1) })
        {
            var value = Settings.Limit(limit, type);
            Start(key, Text(value));
            var beyond = value switch
            {
                TimeSpan time => time + (step * TimeSpan.FromMilliseconds(1)),
                int number => (object)((long)number + step),
                _ => throw new InvalidOperationException($"{key} has a range of another type."),
            };

            var failure = Assert.ThrowsAny<Exception>(() => Start(key, Text(beyond)));

            Assert.Contains(property.Name, failure.ToString(), StringComparison.Ordinal);
        }
    }

    private static string Text(object value) => value is TimeSpan time ? time.ToString("c", CultureInfo.InvariantCulture) : Convert.ToString(value, CultureInfo.InvariantCulture)!;

    /// <summary>Checks the options as the start of a process does.</summary>
    private static void Start(string key, string value)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration["ConnectionStrings:redis"] = "127.0.0.1:1";
        (builder.Configuration["Sse:History:Idle"], builder.Configuration["Sse:History:PositionIdle"]) = ("00:00:00.100", "30.00:00:00");
        builder.Configuration[key] = value;
        builder.Services.AddSse().AddRedis("redis");
        builder.Services.AddOptions<SocialOptions>().BindConfiguration(SocialOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        using var host = builder.Build();
        host.Services.GetRequiredService<IStartupValidator>().Validate();
    }
}
