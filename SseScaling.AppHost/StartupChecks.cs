using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using Microsoft.Extensions.Configuration;

namespace SseScaling.AppHost;

/// <summary>
/// Finds what would keep the application from starting, before anything starts. Aspire itself prints the dashboard's link all the same, and
/// leaves resources unhealthy, with others waiting for them for ever, when a port is taken or a program is missing.
/// </summary>
/// <param name="builder">The application.</param>
internal sealed class StartupChecks(IDistributedApplicationBuilder builder)
{
    private static readonly string[] DashboardUrls =
    [
        "ASPNETCORE_URLS", "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", "ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL", "ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL",
    ];

    private readonly List<Func<Task<string?>>> _checks = [];

    /// <summary>Adds a check.</summary>
    /// <param name="check">Gives a sentence that says what is wrong and what to do; null when nothing is. Takes 4 s at most.</param>
    public void Add(Func<Task<string?>> check) => _checks.Add(check);

    /// <summary>Reads a number from the configuration.</summary>
    /// <returns>The setting; <paramref name="otherwise"/> where there is none, or one that the checks will refuse.</returns>
    public int Integer(string setting, int otherwise, int least, int most)
    {
        var text = builder.Configuration[setting];
        if (string.IsNullOrEmpty(text))
            return otherwise;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            return number;
        Add(() => Task.FromResult<string?>($"The setting {setting} is a number from {least} to {most}, and not '{text}'."));
        return otherwise;
    }

    /// <summary>Makes all checks, and prints a line for each that fails to the standard error stream.</summary>
    /// <returns>Whether the application can start.</returns>
    public async Task<bool> PassAsync()
    {
        // A manifest is published on any machine.
        if (builder.ExecutionContext.IsPublishMode)
            return true;
        string?[] found = [.. TakenPorts(), .. await Task.WhenAll(_checks.Select(check => check()))];
        foreach (var problem in found.OfType<string>())
            await Console.Error.WriteLineAsync($"error: {problem}");
        return found.All(problem => problem is null);
    }

    private IEnumerable<string> TakenPorts()
    {
        // Tests have random ports.
        if (builder.Configuration.GetValue("DcpPublisher:RandomizePorts", false))
            return [];
        var taken = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Where(IsLocal).Select(listener => listener.Port).ToHashSet();
        return Ports().Where(wanted => taken.Contains(wanted.Port)).Select(wanted =>
            $"Port {wanted.Port}, which {wanted.Who} needs, is in use by another program: stop that program, or another run of this one, and start again.");
    }

    private IEnumerable<(string Who, int Port)> Ports()
    {
        foreach (var url in DashboardUrls.SelectMany(name => (builder.Configuration[name] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries)))
        {
            if (Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Port > 0)
                yield return ("the dashboard", uri.Port);
        }

        foreach (var resource in builder.Resources)
        {
            foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
            {
                if (endpoint.Port is { } port)
                    yield return ($"'{resource.Name}'", port);
            }
        }
    }

    private static bool IsLocal(IPEndPoint listener) =>
        IPAddress.IsLoopback(listener.Address) || listener.Address.Equals(IPAddress.Any) || listener.Address.Equals(IPAddress.IPv6Any);
}
