using System.Text.Json;

namespace SseScaling.Api.Protocol;

/// <summary>The <c>type</c> property of a notification, which selective delivery goes by.</summary>
internal static class EventType
{
    /// <summary>Reads the top-level string property <c>type</c>; null when the data is no JSON object or has none.</summary>
    public static string? Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isType = reader.ValueTextEquals("type"u8);
                reader.Read();
                if (isType)
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
}
