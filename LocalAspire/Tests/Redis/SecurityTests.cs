using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using StackExchange.Redis;
using Xunit;

namespace LocalAspire.Tests.Redis;

public sealed class SecurityTests
{
    [Fact]
    public async Task User_and_password_are_sent()
    {
        await using var server = await RedisServer.StartNewAsync("--requirepass", "secret", "--user", "api", "on", ">other", "~*", "&*", "+@all");
        await using var redis = await server.ConnectAsync("password=secret");
        Assert.Equal("default", (string?)await redis.GetDatabase().ExecuteAsync("ACL", "WHOAMI"));

        await using var user = await server.ConnectAsync("user=api,password=other");
        Assert.Equal("api", (string?)await user.GetDatabase().ExecuteAsync("ACL", "WHOAMI"));
        await user.GetSubscriber().SubscribeAsync(RedisChannel.Literal("c"));
    }

    [Theory]
    [InlineData("password=wrong")]
    [InlineData("user=nobody,password=secret")]
    [InlineData("name=x")]
    public async Task A_wrong_password_is_told_at_once(string login)
    {
        await using var server = await RedisServer.StartNewAsync("--requirepass", "secret");
        var failure = await Assert.ThrowsAsync<RedisConnectionException>(() => server.ConnectAsync(login));
        Assert.Equal(ConnectionFailureType.AuthenticationFailure, failure.FailureType);
        Assert.Contains("did not accept user and password", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_that_becomes_wrong_causes_no_hot_loop_and_heals()
    {
        await using var server = await RedisServer.StartNewAsync();
        var failures = new ConcurrentQueue<ConnectionFailureType>();
        await using var redis = await ReconnectTests.ConnectAsync(server, new ConcurrentQueue<string>(), options => options.ReconnectRetryPolicy = new LinearRetry(0));
        redis.ConnectionFailed += (_, failed) => failures.Enqueue(failed.FailureType);
        await using var admin = await server.ConnectAsync();
        await admin.GetDatabase().ExecuteAsync("CONFIG", "SET", "requirepass", "changed");
        var before = await AttemptsAsync(admin);
        await admin.GetDatabase().ExecuteAsync("CLIENT", "KILL", "SKIPME", "yes", "TYPE", "normal");
        await Wait.UntilAsync(() => !redis.IsConnected, "the end of the connection");

        await Task.Delay(1000, TestContext.Current.CancellationToken);
        Assert.InRange(await AttemptsAsync(admin) - before, 1, 25);
        Assert.Contains(ConnectionFailureType.AuthenticationFailure, failures);
        Assert.InRange(failures.Count, 2, 4);

        await admin.GetDatabase().ExecuteAsync("CONFIG", "SET", "requirepass", "");
        await Wait.UntilAsync(() => redis.IsConnected, "a connection");
    }

    [Fact]
    public async Task Tls_is_used_and_the_certificate_is_checked()
    {
        var folder = Directory.CreateTempSubdirectory("redis-tls-").FullName;
        var (certificate, key) = WriteCertificate(folder);
        var port = RedisServer.FreePort();
        await using var server = await RedisServer.StartNewAsync(
            "--tls-port", $"{port}", "--tls-cert-file", certificate, "--tls-key-file", key, "--tls-ca-cert-file", certificate, "--tls-auth-clients", "no");

        var options = ConfigurationOptions.Parse($"localhost:{port},ssl=true,connectRetry=1");
        var refused = await Assert.ThrowsAsync<RedisConnectionException>(() => ConnectionMultiplexer.ConnectAsync(options));
        Assert.Equal(ConnectionFailureType.AuthenticationFailure, refused.FailureType);

        options.CertificateValidation += (_, presented, _, _) => presented!.Subject == "CN=localhost";
        await using var redis = await ConnectionMultiplexer.ConnectAsync(options);
        var value = new byte[300_000];
        Random.Shared.NextBytes(value);
        await redis.GetDatabase().StringSetAsync("large", value);
        Assert.Equal(value, (byte[]?)await redis.GetDatabase().StringGetAsync("large"));
        Directory.Delete(folder, recursive: true);
    }

    private static async Task<int> AttemptsAsync(ConnectionMultiplexer admin)
    {
        var statistics = (string?)await admin.GetDatabase().ExecuteAsync("INFO", "stats");
        var line = statistics!.Split("\r\n").Single(line => line.StartsWith("total_connections_received:", StringComparison.Ordinal));
        return int.Parse(line.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    private static (string Certificate, string Key) WriteCertificate(string folder)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var (certificatePath, keyPath) = (Path.Combine(folder, "redis.crt"), Path.Combine(folder, "redis.key"));
        File.WriteAllText(certificatePath, certificate.ExportCertificatePem());
        File.WriteAllText(keyPath, key.ExportPkcs8PrivateKeyPem());
        return (certificatePath, keyPath);
    }
}
