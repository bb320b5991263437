using System.Collections;
using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Hosting;

namespace LocalAspire;

/// <summary>The variables of the processes: the AppHost's own, then those every service gets, then those the application model sets.</summary>
internal sealed class ProcessEnvironment(DistributedApplicationExecutionContext executionContext, IHostEnvironment host, OtlpTarget telemetry)
{
    // They describe the AppHost itself.
    private static readonly string[] NotInherited = ["ASPNETCORE_URLS", "DOTNET_LAUNCH_PROFILE", "ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT"];

    private const string ExportIntervalMilliseconds = "1000";

    /// <summary>What every instance of a service gets.</summary>
    public Dictionary<string, object> ForService(ResourceInstance instance)
    {
        var variables = new Dictionary<string, object>
        {
            ["OTEL_SERVICE_NAME"] = instance.Resource.Name,
            ["OTEL_RESOURCE_ATTRIBUTES"] = $"service.instance.id={instance.Suffix}",
            ["LOGGING__CONSOLE__FORMATTERNAME"] = "simple",
            ["LOGGING__CONSOLE__FORMATTEROPTIONS__SINGLELINE"] = "true",
            ["LOGGING__CONSOLE__FORMATTEROPTIONS__TIMESTAMPFORMAT"] = "HH:mm:ss.fff ",
        };
        if (telemetry.Endpoint is { } endpoint)
        {
            variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint;
            variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = telemetry.Protocol;
            if (telemetry.Headers is { } headers)
                variables["OTEL_EXPORTER_OTLP_HEADERS"] = headers;
        }

        if (host.IsDevelopment())
        {
            variables["OTEL_BLRP_SCHEDULE_DELAY"] = ExportIntervalMilliseconds;
            variables["OTEL_BSP_SCHEDULE_DELAY"] = ExportIntervalMilliseconds;
            variables["OTEL_METRIC_EXPORT_INTERVAL"] = ExportIntervalMilliseconds;
            variables["OTEL_TRACES_SAMPLER"] = "always_on";
        }

        return variables;
    }

    /// <summary>Asks the application model, and puts values where it put promises.</summary>
    public async Task<IReadOnlyDictionary<string, string>> ResolveAsync(
        IResource resource, Dictionary<string, object> variables, CancellationToken cancellationToken)
    {
        var context = new EnvironmentCallbackContext(executionContext, resource, variables, cancellationToken);
        foreach (var annotation in resource.Annotations.OfType<EnvironmentCallbackAnnotation>())
            await annotation.Callback(context);

        var resolved = new Dictionary<string, string>();
        foreach (DictionaryEntry inherited in Environment.GetEnvironmentVariables())
        {
            if (!NotInherited.Contains(inherited.Key))
                resolved[(string)inherited.Key] = (string)inherited.Value!;
        }

        foreach (var (name, value) in context.EnvironmentVariables)
        {
            var text = value is IValueProvider provider
                ? await provider.GetValueAsync(cancellationToken)
                : Convert.ToString(value, CultureInfo.InvariantCulture);
            resolved[name] = text ?? "";
        }

        return resolved;
    }
}

internal static class ArgumentExtensions
{
    public static string[] ResolveArguments(this IResource resource)
    {
        var arguments = new List<object>();
        foreach (var annotation in resource.Annotations.OfType<CommandLineArgsCallbackAnnotation>())
            annotation.Callback(arguments);
        return [.. arguments.Select(argument => Convert.ToString(argument, CultureInfo.InvariantCulture) ?? "")];
    }
}
