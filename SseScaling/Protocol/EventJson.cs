using System.Text;
using System.Text.Json;

namespace SseScaling.Protocol;

/// <summary>Looks into the data of events.</summary>
internal static class EventJson
{
    /// <summary>Reads a top-level property that is a string or a number; null when the data is no JSON object or has none.</summary>
    public static string? Read(ReadOnlySpan<byte> json, string property)
    {
        var reader = new Utf8JsonReader(json);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isIt = reader.ValueTextEquals(property);
                reader.Read();
                if (isIt && reader.TokenType == JsonTokenType.Number)
                    return Encoding.ASCII.GetString(reader.ValueSpan);
                if (isIt)
                    return reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                reader.Skip();
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A plain PUBLISH may carry anything: what is not JSON has no type.
        }

        return null;
    }

    /// <summary>Whether the data is one JSON value.</summary>
    public static bool IsJson(ReadOnlySpan<byte> data)
    {
        var reader = new Utf8JsonReader(data);
        try
        {
            reader.Read();
            reader.Skip();
            return !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
