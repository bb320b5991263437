using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Collections;
using LocalAspire.Dashboard.Otlp;

namespace LocalAspire.Dashboard.Telemetry;

/// <summary>Who sent it: the name of the resource and the id of its instance, which may be empty.</summary>
internal sealed record Source(string Name, string InstanceId)
{
    /// <summary>As the resources page names the instance.</summary>
    public string Id { get; } = InstanceId.Length == 0 ? Name : $"{Name}-{InstanceId}";

    public static Source Of(Resource? resource) => new(
        resource?.Attributes.Text("service.name") ?? "unknown_service", resource?.Attributes.Text("service.instance.id") ?? "");

    /// <summary>True: a page or a script that asks for this resource means this source.</summary>
    public bool Matches(string? resource) => string.IsNullOrEmpty(resource)
        || string.Equals(Name, resource, StringComparison.OrdinalIgnoreCase) || string.Equals(Id, resource, StringComparison.OrdinalIgnoreCase);
}

/// <summary>OTLP's values as the dashboard keeps them.</summary>
internal static class OtlpValues
{
    // As many as Aspire keeps; a broken sender must not fill the memory through one record.
    private const int MostAttributes = 128;
    private const int LongestText = 16_384;

    public static string? Text(this RepeatedField<KeyValue> attributes, string key) =>
        attributes.FirstOrDefault(attribute => attribute.Key == key)?.Value.ToText();

    /// <summary>By key, the later of two with the same.</summary>
    public static SortedDictionary<string, string> ToDictionary(this RepeatedField<KeyValue> attributes)
    {
        var values = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var attribute in attributes.Take(MostAttributes))
            values[attribute.Key] = attribute.Value.ToText();
        return values;
    }

    public static string ToText(this AnyValue? value) => value?.ValueCase switch
    {
        AnyValue.ValueOneofCase.StringValue => value.StringValue.Length <= LongestText ? value.StringValue : value.StringValue[..LongestText],
        AnyValue.ValueOneofCase.BoolValue => value.BoolValue ? "true" : "false",
        AnyValue.ValueOneofCase.IntValue => value.IntValue.ToString(CultureInfo.InvariantCulture),
        AnyValue.ValueOneofCase.DoubleValue => value.DoubleValue.ToString(CultureInfo.InvariantCulture),
        AnyValue.ValueOneofCase.ArrayValue => $"[{string.Join(", ", value.ArrayValue.Values.Select(ToText))}]",
        AnyValue.ValueOneofCase.KvlistValue => string.Join(", ", value.KvlistValue.Values.Select(pair => $"{pair.Key}={pair.Value.ToText()}")),
        AnyValue.ValueOneofCase.BytesValue => value.BytesValue.ToHex(),
        _ => "",
    };

    public static string ToHex(this ByteString bytes) => Convert.ToHexStringLower(bytes.Span);

    /// <summary>Milliseconds since 1970, with their fraction.</summary>
    public static double ToMilliseconds(this ulong nanoseconds) => nanoseconds / 1e6;
}
