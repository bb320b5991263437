using System.Globalization;
using Google.Protobuf;

namespace SseScaling.Tests.Testing;

/// <summary>What tests look at of a span, read field by field: opentelemetry/proto/trace/v1/trace.proto.</summary>
/// <param name="Instance">The service instance that sent it.</param>
/// <param name="TraceId">The trace, in hexadecimal.</param>
/// <param name="ParentId">Its parent, in hexadecimal.</param>
/// <param name="Name">Its name.</param>
/// <param name="Attributes">Texts and whole numbers among its attributes.</param>
internal sealed record OtlpSpan(string Instance, string TraceId, string ParentId, string Name, IReadOnlyDictionary<string, string> Attributes)
{
    public bool IsOf(string traceId, string name) => TraceId == traceId && Name == name;

    public bool IsChildOf(string spanId) => ParentId == spanId;

    public long Number(string attribute) => long.Parse(Attributes[attribute], CultureInfo.InvariantCulture);

    /// <summary>The spans of an ExportTraceServiceRequest.</summary>
    public static IEnumerable<OtlpSpan> Read(byte[] request)
    {
        foreach (var resourceSpans in Fields(request).Where(field => field.Number == 1))
        {
            var parts = Fields(resourceSpans.Bytes).ToList();
            var resource = Pairs(parts.Where(field => field.Number == 1).SelectMany(field => Fields(field.Bytes)), 1);
            var instance = resource.GetValueOrDefault("service.instance.id", "");
            foreach (var scope in parts.Where(field => field.Number == 2))
            {
                foreach (var span in Fields(scope.Bytes).Where(field => field.Number == 2))
                    yield return ReadOne(instance, [.. Fields(span.Bytes)]);
            }
        }
    }

    private static OtlpSpan ReadOne(string instance, List<Field> fields)
    {
        string Hex(int number) => Convert.ToHexStringLower(fields.FirstOrDefault(field => field.Number == number).Bytes ?? []);
        return new OtlpSpan(instance, Hex(1), Hex(4), Text(fields.First(field => field.Number == 5).Bytes), Pairs(fields, 9));
    }

    private static Dictionary<string, string> Pairs(IEnumerable<Field> fields, int number)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in fields.Where(field => field.Number == number).Select(field => Fields(field.Bytes).ToList()))
        {
            var value = Fields(pair.First(field => field.Number == 2).Bytes).FirstOrDefault();
            pairs[Text(pair.First(field => field.Number == 1).Bytes)] = value.Number == 1
                ? Text(value.Bytes)
                : value.Whole.ToString(CultureInfo.InvariantCulture);
        }

        return pairs;
    }

    private static string Text(byte[] bytes) => System.Text.Encoding.UTF8.GetString(bytes);

    private static IEnumerable<Field> Fields(byte[] message)
    {
        using var input = new CodedInputStream(message);
        while (input.ReadTag() is > 0 and var tag)
        {
            var number = WireFormat.GetTagFieldNumber(tag);
            switch (WireFormat.GetTagWireType(tag))
            {
                case WireFormat.WireType.LengthDelimited:
                    yield return new Field(number, input.ReadBytes().ToByteArray(), 0);
                    break;
                case WireFormat.WireType.Varint:
                    yield return new Field(number, [], input.ReadInt64());
                    break;
                default:
                    input.SkipLastField();
                    break;
            }
        }
    }

    private readonly record struct Field(int Number, byte[] Bytes, long Whole);
}
