using System.ComponentModel;
using System.Globalization;

namespace SseScaling.Api.DirectSockets;

/// <summary>When the socket of a plaintext stream becomes the stream's own. The README in this folder says how.</summary>
[TypeConverter(typeof(DirectSocketsModeConverter))]
internal enum DirectSocketsMode
{
    /// <summary>
    /// As soon as it is accepted. Cheapest to connect, but no middleware sees the request: no authentication, CORS, rate limits or host filtering. Where the
    /// application asks for one of these, <see cref="AfterPipeline"/> is taken instead, and the log says so.
    /// </summary>
    AtAccept,

    /// <summary>
    /// Once all middleware and the endpoint have admitted the request, which costs 2.7 times the CPU of a connect <see cref="AtAccept"/>, and garbage: with
    /// <c>DOTNET_gcServer=0</c> it is given back while others connect. Delivery costs the same.
    /// </summary>
    AfterPipeline,

    /// <summary>Never: streams are the web server's responses, as they are over TLS and HTTP/2.</summary>
    Off,
}

/// <summary>Reads a mode by its name, or by the switch that it once was.</summary>
internal sealed class DirectSocketsModeConverter() : EnumConverter(typeof(DirectSocketsMode))
{
    public override object ConvertFrom(ITypeDescriptorContext? context, CultureInfo? culture, object value)
    {
        var text = ((string)value).Trim();
        if (bool.TryParse(text, out var isOn))
            return isOn ? DirectSocketsMode.AtAccept : DirectSocketsMode.Off;
        foreach (var mode in Enum.GetValues<DirectSocketsMode>())
        {
            if (text.Equals(mode.ToString(), StringComparison.OrdinalIgnoreCase))
                return mode;
        }

        throw new FormatException($"Sse:DirectSockets is AtAccept (or true), AfterPipeline or Off (or false), not '{text}'.");
    }
}
