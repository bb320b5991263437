using System.Text.Json;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Access;

/// <summary>What gives a right, or says where somebody stands, is in no log line, span or metric, however much of them is wanted.</summary>
public sealed class SecrecyTests(GuardedReplicas replicas) : IClassFixture<GuardedReplicas>
{
    private const string Position = "00000000deadbeef.7";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_querys_tickets_and_ids_a_token_and_a_cookie_are_in_no_telemetry(bool direct)
    {
        await using var collector = await OtlpCollector.StartAsync();
        string[] secrets;
        await using (var api = await replicas.StartAsync(
            ("Sse__DirectSockets", direct ? "true" : "false"), ("Logging__Console__LogLevel__Default", "Trace"), ("Logging__OpenTelemetry__LogLevel__Default", "Trace"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Url), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")))
        {
            await api.HealthyAsync();
            var token = replicas.Issuer.Token("anna");
            using var session = await SendAsync(api, HttpMethod.Post, "/api/session", ("Authorization", $"Bearer {token}"));
            var cookie = session.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
            using var given = await SendAsync(api, HttpMethod.Post, "/api/stream/ticket?topic=notifications:anna", ("Cookie", cookie));
            var ticket = JsonDocument.Parse(await given.Content.ReadAsStringAsync(Cancellation)).RootElement.GetProperty("ticket").GetString()!;
            secrets = [token, token.Split('.')[2], cookie.Split('=')[1], ticket, ticket[^20..], Position];

            foreach (var target in new[] { $"/api/stream?topic=notifications:anna&ticket={ticket}&lastEventId={Position}", $"/api/stream?ticket={ticket}", $"/api/stats?ticket={ticket}", $"/nowhere?ticket={ticket}" })
                (await SendAsync(api, HttpMethod.Get, target)).Dispose();
            (await SendAsync(api, HttpMethod.Get, "/api/stream?topic=notifications:anna", ("Authorization", $"Bearer {token}"), ("Last-Event-ID", Position))).Dispose();
            await api.SignalAsync("TERM");
            Assert.Equal(0, await api.ExitAsync(Eventually.Deadline));
            Assert.All(secrets, secret => Assert.Equal(0, api.Count(secret)));
            Assert.True(api.Count("Microsoft.AspNetCore.Routing") > 0);
        }

        Assert.True(collector.Has("traces", "/api/stats"));
        Assert.True(collector.Has("metrics", "sse.connections"));
        Assert.All(secrets, secret => Assert.All(["traces", "metrics", "logs"], signal => Assert.False(collector.Has(signal, secret), $"{secret} is in the {signal}")));
    }

    private static async Task<HttpResponseMessage> SendAsync(ApiProcess api, HttpMethod method, string target, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, target);
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        return await api.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
    }
}
