using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using SseScaling.Telemetry;
using Xunit;

namespace SseScaling.Tests.ServiceDefaults;

/// <summary>What docs/monitoring asks of Prometheus exists.</summary>
public sealed partial class MonitoringTests
{
    [Fact]
    public async Task Every_query_of_the_grafana_dashboard_names_an_instrument()
    {
        var dashboard = await File.ReadAllTextAsync(
            Path.Combine(AppContext.BaseDirectory, "monitoring", "grafana-dashboard.json"), TestContext.Current.CancellationToken);
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var names = new HashSet<string>(StringComparer.Ordinal);
        using var listener = new MeterListener { InstrumentPublished = (instrument, _) => names.Add(InPrometheus(instrument)) };
        listener.Start();
        var meters = services.GetRequiredService<IMeterFactory>();
        var metrics = new DeliveryMetrics(meters);
        metrics.Observe(() => 0);
        metrics.ObserveMemory(() => 0);
        new PublishingMetrics(meters).ObserveLink(() => true);

        var asked = Series().Matches(dashboard).Select(match => match.Value).Distinct().ToList();

        Assert.True(asked.Count > 8);
        Assert.All(asked, name => Assert.Contains(name, names));
    }

    // As Prometheus translates OTLP: https://prometheus.io/docs/guides/opentelemetry/
    private static string InPrometheus(Instrument instrument)
    {
        var type = instrument.GetType().Name;
        var unit = instrument.Unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            "1" when type.Contains("Gauge", StringComparison.Ordinal) => "_ratio",
            _ => "",
        };
        var kind = type.StartsWith("Histogram", StringComparison.Ordinal) ? "_bucket"
            : type.Contains("Counter", StringComparison.Ordinal) && !type.Contains("UpDown", StringComparison.Ordinal) ? "_total" : "";
        return instrument.Name.Replace('.', '_') + unit + kind;
    }

    [GeneratedRegex("sse_[a-z_]+")]
    private static partial Regex Series();
}
