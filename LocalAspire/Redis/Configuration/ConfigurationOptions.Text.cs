using System.Globalization;
using System.Security.Authentication;
using System.Text;

namespace StackExchange.Redis;

public sealed partial class ConfigurationOptions
{
    // Keys that the true client knows and that have no effect here.
    private static readonly HashSet<string> Ignored = new(StringComparer.OrdinalIgnoreCase)
    {
        "channelPrefix", "configChannel", "configCheckSeconds", "highPriorityThreads", "preserveAsyncOrder", "proxy", "responseTimeout",
        "serviceName", "tiebreaker", "version", "writeBuffer", "checkCertificateRevocation", "tunnel", "setlib", "highIntegrity",
        "tcpKeepAlive", "sentinelUser", "sentinelPassword",
    };

    /// <summary>Reads a connection string such as `localhost:6379,password=secret,ssl=true,abortConnect=false`.</summary>
    /// <exception cref="ArgumentException">A key is unknown, or a value is not of its key's kind.</exception>
    public static ConfigurationOptions Parse(string configuration) => Parse(configuration, ignoreUnknown: false);

    /// <summary>Reads a connection string, and leaves out unknown keys if asked to.</summary>
    /// <exception cref="ArgumentException">A key is unknown, or a value is not of its key's kind.</exception>
    public static ConfigurationOptions Parse(string configuration, bool ignoreUnknown)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        if (string.IsNullOrWhiteSpace(configuration))
            throw new ArgumentException("is empty", nameof(configuration));

        var options = new ConfigurationOptions();
        foreach (var part in configuration.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
                options.Set(part[..equals].Trim(), part[(equals + 1)..].Trim(), ignoreUnknown);
            else if (EndPointCollection.TryParse(part) is { } endpoint)
                options.EndPoints.TryAdd(endpoint);
        }

        return options;
    }

    /// <summary>The connection string, with the password in clear text.</summary>
    public override string ToString() => ToString(includePassword: true);

    /// <summary>The connection string, with the password or with asterisks in its place.</summary>
    public string ToString(bool includePassword)
    {
        var text = new StringBuilder().AppendJoin(',', EndPoints.Select(EndPointCollection.ToString));
        void Add(string key, object? value)
        {
            if (value is not null and not "")
                text.Append(text.Length == 0 ? "" : ",").Append(CultureInfo.InvariantCulture, $"{key}={value}");
        }

        Add("name", ClientName);
        Add("keepAlive", _keepAlive);
        Add("syncTimeout", _syncTimeout);
        Add("asyncTimeout", _asyncTimeout);
        Add("allowAdmin", AllowAdmin ? true : null);
        Add("connectTimeout", _connectTimeout);
        Add("user", User);
        Add("password", includePassword || string.IsNullOrEmpty(Password) ? Password : "*****");
        Add("ssl", _ssl);
        Add("sslProtocols", SslProtocols?.ToString().Replace(',', '|'));
        Add("sslHost", SslHost);
        Add("abortConnect", _abortOnConnectFail);
        Add("connectRetry", _connectRetry);
        Add("defaultDatabase", DefaultDatabase);
        Add("protocol", Protocol switch { RedisProtocol.Resp2 => "resp2", RedisProtocol.Resp3 => "resp3", _ => null });
        return text.ToString();
    }

    private void Set(string key, string value, bool ignoreUnknown)
    {
        switch (key.ToUpperInvariant())
        {
            case "ABORTCONNECT": AbortOnConnectFail = Flag(key, value); break;
            case "ALLOWADMIN": AllowAdmin = Flag(key, value); break;
            case "ASYNCTIMEOUT": AsyncTimeout = Number(key, value, 1); break;
            case "SYNCTIMEOUT": SyncTimeout = Number(key, value, 1); break;
            case "CONNECTTIMEOUT": ConnectTimeout = Number(key, value); break;
            case "CONNECTRETRY": ConnectRetry = Number(key, value); break;
            case "DEFAULTDATABASE": DefaultDatabase = Number(key, value); break;
            case "KEEPALIVE": KeepAlive = Number(key, value); break;
            case "NAME": ClientName = value; break;
            case "USER": User = value; break;
            case "PASSWORD": Password = value; break;
            case "RESOLVEDNS": ResolveDns = Flag(key, value); break;
            case "SSL": Ssl = Flag(key, value); break;
            case "SSLHOST": SslHost = value; break;
            case "SSLPROTOCOLS": SslProtocols = Tls(key, value); break;
            case "PROTOCOL": Protocol = ProtocolVersion(key, value); break;
            default:
                if (!ignoreUnknown && !Ignored.Contains(key) && key[0] != '$')
                    throw new ArgumentException($"Keyword '{key}' is not supported.", key);
                break;
        }
    }

    private static bool Flag(string key, string value) => value.ToUpperInvariant() switch
    {
        "TRUE" or "1" or "YES" or "ON" => true,
        "FALSE" or "0" or "NO" or "OFF" => false,
        _ => throw new ArgumentOutOfRangeException(key, $"Keyword '{key}' requires a boolean value; the value '{value}' is not recognised."),
    };

    private static int Number(string key, string value, int least = int.MinValue)
    {
        if (!int.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number))
            throw new ArgumentOutOfRangeException(key, $"Keyword '{key}' requires an integer value; the value '{value}' is not recognised.");

        if (number < least)
            throw new ArgumentOutOfRangeException(key, $"Keyword '{key}' has a minimum value of '{least}'; the value '{number}' is not permitted.");

        return number;
    }

    private static SslProtocols Tls(string key, string value) =>
        Enum.TryParse<SslProtocols>(value.Replace('|', ','), true, out var protocols)
        ? protocols
        : throw new ArgumentOutOfRangeException(key, $"Keyword '{key}' requires an SslProtocol value (multiple values separated by '|'); the value '{value}' is not recognised.");

    private static RedisProtocol ProtocolVersion(string key, string value) => value.ToUpperInvariant() switch
    {
        "2" or "2.0" or "RESP2" => RedisProtocol.Resp2,
        "3" or "3.0" or "RESP3" => RedisProtocol.Resp3,
        _ => throw new ArgumentOutOfRangeException(key, $"Keyword '{key}' requires a RedisProtocol value or a known protocol version number; the value '{value}' is not recognised."),
    };
}
