using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace StackExchange.Redis;

internal sealed partial class RedisConnection
{
    /// <summary>Opens a connection: socket, TLS, user and password, name, database, PING.</summary>
    /// <exception cref="RedisConnectionException">A step failed, or all of them took longer than the connect time-out.</exception>
    internal static async Task<RedisConnection> OpenAsync(
        ConfigurationOptions options, EndPoint endPoint, MessageReceiver? receiver, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(Math.Max(1, options.ConnectTimeout));
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        RedisConnection? connection = null;
        try
        {
            await socket.ConnectAsync(endPoint, limit.Token);
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            var stream = await SecureAsync(new NetworkStream(socket, ownsSocket: true), options, endPoint, limit.Token);
            connection = Start(stream, endPoint, receiver);
            await connection.GreetAsync(options).WaitAsync(limit.Token);
            return connection;
        }
        catch (Exception e)
        {
            var reason = Explain(e, endPoint, stop.IsCancellationRequested);
            socket.Dispose();
            connection?.End(reason);
            throw reason;
        }
    }

    /// <summary>Uses a stream to a server that expects commands.</summary>
    internal static RedisConnection Start(Stream stream, EndPoint endPoint, MessageReceiver? receiver)
    {
        var connection = new RedisConnection(stream, endPoint, receiver);
        _ = connection.ReadAsync();
        return connection;
    }

    private static async Task<Stream> SecureAsync(
        NetworkStream stream, ConfigurationOptions options, EndPoint endPoint, CancellationToken stop)
    {
        if (!options.Ssl)
            return stream;

        var secure = new SslStream(stream);
        await secure.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = options.SslHost ?? (endPoint is DnsEndPoint dns ? dns.Host : ((IPEndPoint)endPoint).Address.ToString()),
                EnabledSslProtocols = options.SslProtocols ?? SslProtocols.None,
                RemoteCertificateValidationCallback = options.CertificateCallback,
            },
            stop);
        return secure;
    }

    private async Task GreetAsync(ConfigurationOptions options)
    {
        var steps = new List<Task<bool>>();
        if (!string.IsNullOrEmpty(options.Password))
        {
            steps.Add(Step(string.IsNullOrEmpty(options.User)
                ? RespWriter.Command("AUTH"u8, 1).Add((RedisValue)options.Password)
                : RespWriter.Command("AUTH"u8, 2).Add((RedisValue)options.User).Add((RedisValue)options.Password)));
        }

        // A server that forbids names is still a good server.
        _ = TrySend(RespWriter.Command("CLIENT"u8, 2).Add("SETNAME"u8).Add((RedisValue)options.ClientNameOrDefault).Written, Replies.Ignored, null);
        if (options.DefaultDatabase is { } database and not 0)
            steps.Add(Step(RespWriter.Command("SELECT"u8, 1).Add(database)));

        steps.Add(Step(RespWriter.Command("PING"u8, 0)));
        foreach (var step in steps)
            await step;
    }

    private Task<bool> Step(RespWriter request)
    {
        var source = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!TrySend(request.Written, Replies.Ignored, source))
            source.TrySetException(_failure!);

        return source.Task;
    }

    private static RedisConnectionException Explain(Exception e, EndPoint endPoint, bool closing) => e switch
    {
        OperationCanceledException when closing => new(ConnectionFailureType.ConnectionDisposed, "The connection was closed while it was opened.", e),
        OperationCanceledException => new(ConnectionFailureType.UnableToConnect, $"{endPoint} did not answer within the connect time-out.", e),
        RedisServerException { Message: var text } when text.StartsWith("LOADING", StringComparison.Ordinal) =>
            new(ConnectionFailureType.Loading, $"{endPoint} is reading its data: {text}", e),
        RedisServerException { Message: var text } when IsAboutPassword(text) =>
            new(ConnectionFailureType.AuthenticationFailure, $"{endPoint} did not accept user and password; check the connection string: {text}", e),
        RedisServerException => new(ConnectionFailureType.ProtocolFailure, $"{endPoint} did not accept the connection: {e.Message}", e),
        AuthenticationException => new(ConnectionFailureType.AuthenticationFailure, $"TLS with {endPoint} failed: {e.Message}", e),
        RedisConnectionException reason => reason,
        _ => new(ConnectionFailureType.UnableToConnect, $"{endPoint} cannot be reached: {e.Message}", e),
    };

    private static bool IsAboutPassword(string text) => text.StartsWith("WRONGPASS", StringComparison.Ordinal)
        || text.StartsWith("NOAUTH", StringComparison.Ordinal)
        || text.StartsWith("NOPERM", StringComparison.Ordinal)
        || text.Contains("AUTH", StringComparison.Ordinal);
}
