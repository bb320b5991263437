using System.Net;
using System.Net.Sockets;
using System.Text;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LocalAspire;

/// <summary>Healthy where a request gets the expected status. Each check is a new connection, so that it may meet any replica.</summary>
internal sealed class HttpHealthCheck(IHttpClientFactory clients, EndpointReference endpoint, string path, int statusCode) : IHealthCheck
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var url = new Uri(new Uri(endpoint.Url), path);
        using var client = clients.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { ConnectionClose = true } };
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Timeout);
        try
        {
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
            return response.StatusCode == (HttpStatusCode)statusCode ? HealthCheckResult.Healthy()
                : new HealthCheckResult(context.Registration.FailureStatus, $"{url} answered {(int)response.StatusCode}, not {statusCode}.");
        }
        catch (HttpRequestException error)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, $"{url} does not answer: {error.Message}", error);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, $"{url} did not answer within {Timeout.TotalSeconds} s.");
        }
    }
}

/// <summary>Healthy where the server answers a PING.</summary>
internal sealed class RedisHealthCheck(RedisResource redis) : IHealthCheck
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Timeout);
        try
        {
            using var connection = new TcpClient();
            await connection.ConnectAsync(IPAddress.Loopback, redis.PrimaryEndpoint.Port, deadline.Token);
            var password = await redis.PasswordParameter!.GetValueAsync(deadline.Token);
            await connection.GetStream().WriteAsync(Encoding.UTF8.GetBytes($"AUTH \"{password}\"\r\nPING\r\n"), deadline.Token);
            using var reader = new StreamReader(connection.GetStream());
            var (auth, ping) = (await reader.ReadLineAsync(deadline.Token), await reader.ReadLineAsync(deadline.Token));
            return ping == "+PONG" ? HealthCheckResult.Healthy() : new HealthCheckResult(context.Registration.FailureStatus, $"{auth} {ping}");
        }
        catch (Exception error) when (error is SocketException or IOException)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, $"{redis.Name} does not answer: {error.Message}", error);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, $"{redis.Name} did not answer within {Timeout.TotalSeconds} s.");
        }
    }
}
