using System.Net.Security;
using System.Security.Authentication;

namespace StackExchange.Redis;

/// <summary>How to reach a Redis server.</summary>
public sealed partial class ConfigurationOptions : ICloneable
{
    private bool? _abortOnConnectFail;
    private int? _syncTimeout;
    private int? _asyncTimeout;
    private int? _connectTimeout;
    private int? _connectRetry;
    private int? _keepAlive;
    private bool? _ssl;
    private IReconnectRetryPolicy? _reconnectRetryPolicy;

    /// <summary>Accepts a server's certificate, or not; without it the operating system's rules apply.</summary>
    public event RemoteCertificateValidationCallback? CertificateValidation;

    /// <summary>The server's addresses.</summary>
    public EndPointCollection EndPoints { get; init; } = [];

    /// <summary>The user of Redis' access control lists, or null for the default user.</summary>
    public string? User { get; set; }

    /// <summary>The password, or null for none.</summary>
    public string? Password { get; set; }

    /// <summary>Whether to use TLS; false unless set.</summary>
    public bool Ssl { get => _ssl ?? false; set => _ssl = value; }

    /// <summary>The name that the server's certificate must carry; the endpoint's host unless set.</summary>
    public string? SslHost { get; set; }

    /// <summary>The versions of TLS; the operating system chooses unless set.</summary>
    public SslProtocols? SslProtocols { get; set; }

    /// <summary>Whether connecting throws if no server answers; if false it goes on in the background. True unless set.</summary>
    public bool AbortOnConnectFail { get => _abortOnConnectFail ?? AbortOnConnectFailDefault; set => _abortOnConnectFail = value; }

    /// <summary>Milliseconds for opening a connection, with TLS and handshake; 5000 unless set.</summary>
    public int ConnectTimeout { get => _connectTimeout ?? Math.Max(5000, SyncTimeout); set => _connectTimeout = value; }

    /// <summary>Milliseconds for a synchronous command; 5000 unless set.</summary>
    public int SyncTimeout { get => _syncTimeout ?? 5000; set => _syncTimeout = value; }

    /// <summary>Milliseconds for an asynchronous command; <see cref="SyncTimeout"/> unless set.</summary>
    public int AsyncTimeout { get => _asyncTimeout ?? SyncTimeout; set => _asyncTimeout = value; }

    /// <summary>Attempts of the first connect before it is given up; 3 unless set.</summary>
    public int ConnectRetry { get => _connectRetry ?? 3; set => _connectRetry = value; }

    /// <summary>Seconds of silence after which a connection is tested with a PING; 60 unless set, 0 or less for never.</summary>
    public int KeepAlive { get => _keepAlive ?? 60; set => _keepAlive = value; }

    /// <summary>When to try again after a connection failed; an exponential policy unless set.</summary>
    public IReconnectRetryPolicy ReconnectRetryPolicy
    {
        get => _reconnectRetryPolicy ??= new ExponentialRetry(Math.Max(1, ConnectTimeout / 2));
        set => _reconnectRetryPolicy = value;
    }

    /// <summary>What happens to commands while there is no connection.</summary>
    public BacklogPolicy BacklogPolicy { get; set; } = BacklogPolicy.Default;

    /// <summary>Accepted for compatibility; the stand-in speaks RESP2.</summary>
    public RedisProtocol? Protocol { get; set; }

    /// <summary>The name both connections show in CLIENT LIST; `machine(process)` unless set.</summary>
    public string? ClientName { get; set; }

    /// <summary>The database for `GetDatabase()`; 0 unless set.</summary>
    public int? DefaultDatabase { get; set; }

    /// <summary>Accepted for compatibility.</summary>
    public bool AllowAdmin { get; set; }

    /// <summary>Accepted for compatibility.</summary>
    public bool ResolveDns { get; set; }

    /// <summary>Accepted for compatibility: how often the true client looks after timeouts.</summary>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Accepted for compatibility.</summary>
    public bool HeartbeatConsistencyChecks { get; set; }

    /// <summary>Accepted for compatibility.</summary>
    public Microsoft.Extensions.Logging.ILoggerFactory? LoggerFactory { get; set; }

    internal bool AbortOnConnectFailDefault { get; set; } = true;

    internal string ClientNameOrDefault =>
        ClientName is { Length: > 0 } name ? name : $"{Environment.MachineName}({Environment.ProcessId})";

    internal RemoteCertificateValidationCallback? CertificateCallback => CertificateValidation;

    /// <summary>A copy that can be changed independently.</summary>
    public ConfigurationOptions Clone() => new()
    {
        _abortOnConnectFail = _abortOnConnectFail,
        AbortOnConnectFailDefault = AbortOnConnectFailDefault,
        _syncTimeout = _syncTimeout,
        _asyncTimeout = _asyncTimeout,
        _connectTimeout = _connectTimeout,
        _connectRetry = _connectRetry,
        _keepAlive = _keepAlive,
        _ssl = _ssl,
        _reconnectRetryPolicy = _reconnectRetryPolicy,
        CertificateValidation = CertificateValidation,
        EndPoints = EndPoints.Clone(),
        User = User,
        Password = Password,
        SslHost = SslHost,
        SslProtocols = SslProtocols,
        BacklogPolicy = BacklogPolicy,
        Protocol = Protocol,
        ClientName = ClientName,
        DefaultDatabase = DefaultDatabase,
        AllowAdmin = AllowAdmin,
        ResolveDns = ResolveDns,
        HeartbeatInterval = HeartbeatInterval,
        HeartbeatConsistencyChecks = HeartbeatConsistencyChecks,
        LoggerFactory = LoggerFactory,
    };

    /// <summary>Changes this instance and returns it.</summary>
    public ConfigurationOptions Apply(Action<ConfigurationOptions> configure)
    {
        configure(this);
        return this;
    }

    /// <summary>Gives every endpoint without a port 6379, or 6380 with TLS.</summary>
    public void SetDefaultPorts() => EndPoints.SetDefaultPorts(Ssl ? 6380 : 6379);

    object ICloneable.Clone() => Clone();
}
