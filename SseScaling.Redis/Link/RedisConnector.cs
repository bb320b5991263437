using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace SseScaling.Redis;

/// <summary>Where connections to Redis come from: the first one, and those that replace one that hangs. Checked at start. Any thread.</summary>
internal sealed class RedisConnector : IValidateOptions<SseRedisOptions>
{
    // 1,000 channels were live again 0.8 s after a restart of Redis (1.8 s at most); the client's default took 2.8 to 6 s.
    private const int ReconnectMilliseconds = 1_000;

    private readonly string _source;
    private readonly Func<ConfigurationOptions> _read;
    private readonly string _clientName;
    private readonly Lazy<IConnectionMultiplexer>? _shared;

    private RedisConnector(string source, Func<ConfigurationOptions> read, IHostEnvironment? host = null, Lazy<IConnectionMultiplexer>? shared = null)
    {
        (_source, _read, _shared) = (source, read, shared);
        _clientName = $"{host?.ApplicationName ?? "sse"}@{Environment.MachineName}";
    }

    /// <summary>Connects as a connection string says.</summary>
    public static RedisConnector ByName(IServiceProvider services, string name) => new(
        $"ConnectionStrings:{name}", () => Parse(services.GetRequiredService<IConfiguration>().GetConnectionString(name)), services.GetService<IHostEnvironment>());

    /// <summary>Connects as options say, which stay as they are.</summary>
    public static RedisConnector By(IServiceProvider services, ConfigurationOptions options) =>
        new("The ConfigurationOptions of AddRedis", options.Clone, services.GetService<IHostEnvironment>());

    /// <summary>Uses a connection of the application, and connects like it when that one hangs.</summary>
    public static RedisConnector Sharing(IServiceProvider services, Func<IServiceProvider, IConnectionMultiplexer> factory)
    {
        var shared = new Lazy<IConnectionMultiplexer>(() => factory(services));
        return new("The application's IConnectionMultiplexer", () => Parse(shared.Value.Configuration), services.GetService<IHostEnvironment>(), shared);
    }

    /// <summary>Whether a connection belongs to the application: it is not closed here.</summary>
    public bool IsShared(IConnectionMultiplexer connection) => _shared is { IsValueCreated: true } && ReferenceEquals(_shared.Value, connection);

    /// <summary>The first connection, which may not have reached Redis yet: takes up to its connect time-out then.</summary>
    public async Task<IConnectionMultiplexer> ConnectAsync(SseRedisOptions options) =>
        _shared?.Value ?? await ConnectionMultiplexer.ConnectAsync(Prepare(_read(), options));

    /// <summary>Another connection, with one attempt of the time that a call may take: whoever replaces a connection tries again itself.</summary>
    public async Task<IConnectionMultiplexer> ReplaceAsync(SseRedisOptions options)
    {
        var configuration = Prepare(_read(), options);
        configuration.AbortOnConnectFail = true;
        configuration.ConnectRetry = 1;
        configuration.ConnectTimeout = (int)options.Timeout.TotalMilliseconds;
        return await ConnectionMultiplexer.ConnectAsync(configuration);
    }

    /// <summary>Says in a sentence why no connection that this names can serve.</summary>
    public ValidateOptionsResult Validate(string? name, SseRedisOptions options)
    {
        if (_shared is { Value: null })
            return ValidateOptionsResult.Fail($"{_source} is null.");
        try
        {
            return FailureOf(_read()) is { } failure ? ValidateOptionsResult.Fail($"{_source} {failure}") : ValidateOptionsResult.Success;
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            // Not more than the first line: what follows names a parameter of the parser.
            return ValidateOptionsResult.Fail($"{_source} is not one of Redis: {e.Message.Split('\n')[0].Split(" (Parameter")[0]}");
        }
    }

    private static ConfigurationOptions Parse(string? connectionString) =>
        string.IsNullOrWhiteSpace(connectionString) ? new ConfigurationOptions() : ConfigurationOptions.Parse(connectionString);

    private static string? FailureOf(ConfigurationOptions configuration)
    {
        if (configuration.EndPoints.Count == 0)
            return "names no Redis: set it to host:port, or leave AddRedis out.";
        if (configuration.EndPoints.FirstOrDefault(endpoint => endpoint.ToString()?.Contains("://", StringComparison.Ordinal) == true) is { })
            return "is a URL: host:port is expected, with options behind commas.";
        // The script publishes on the topic itself: under a prefix everything would be subscribed and nothing would ever arrive.
        if (!configuration.ChannelPrefix.IsNullOrEmpty)
            return "has a channelPrefix, under which no event would arrive: remove it.";
        return configuration.Proxy == Proxy.None ? null : $"has proxy={configuration.Proxy}, which carries no subscriptions: connect to Redis itself.";
    }

    /// <summary>Sets what the backplane relies on, over what was said (<see cref="SseRedisBuilderExtensions"/> tells the user).</summary>
    private ConfigurationOptions Prepare(ConfigurationOptions configuration, SseRedisOptions options)
    {
        configuration.AbortOnConnectFail = false;
        configuration.ReconnectRetryPolicy = new LinearRetry(ReconnectMilliseconds);
        // A command that waited for the link runs late and out of order; callers hear of the outage at once instead.
        configuration.BacklogPolicy = BacklogPolicy.FailFast;
        // Servers say themselves who is the primary; the key would need a right of its own.
        configuration.TieBreaker = "";
        // With RESP3 one connection carries both, and what is published fills the way of the answers.
        configuration.Protocol = RedisProtocol.Resp2;
        configuration.AsyncTimeout = configuration.SyncTimeout = (int)options.Timeout.TotalMilliseconds;
        configuration.ClientName ??= _clientName;
        // The library logs each attempt to connect; the link says lost and back, once each.
        configuration.LoggerFactory ??= NullLoggerFactory.Instance;
        return configuration;
    }
}
