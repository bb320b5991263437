using System.Net;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Sockets;

/// <summary>TLS ports beside plaintext ports whose streams have their sockets: on TLS they are the web server's.</summary>
public sealed class TlsTests(TlsApi tls) : IClassFixture<TlsApi>
{
    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Streams_work_over_tls(string version)
    {
        var topic = Drafts.NewTopic();
        using var http = tls.CreateClient();
        await using var client = await SseClient.OpenAsync(http, SseClient.Target(topic), version: Version.Parse(version));
        var data = ApiCalls.Quote(new string('x', 60_000));

        await http.PublishAsync(topic, "1");
        await http.PublishAsync(topic, data);

        Assert.Equal(Version.Parse(version), client.Response.Version);
        Assert.Equal("text/event-stream", client.Response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(["1", data], await client.TakeDataAsync(2));
    }

    [Fact]
    public async Task Many_streams_share_a_connection_of_http2_and_end_one_by_one()
    {
        var topic = Drafts.NewTopic();
        using var http = tls.CreateClient();
        var clients = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => SseClient.OpenAsync(http, SseClient.Target(topic), version: HttpVersion.Version20)));

        foreach (var client in clients[..10])
            await client.DisposeAsync();
        await http.PublishNumbersAsync(topic, 1, 100);

        foreach (var client in clients[10..])
        {
            Assert.Equal(ApiCalls.Numbers(1, 100), await client.TakeDataAsync(100));
            await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task Plaintext_on_a_tls_port_is_not_served()
    {
        await using var connection = await RawConnection.GetAsync(tls.SecurePort, "/api/stream?topic=plaintext");

        var answer = await connection.ReadToEndAsync();

        Assert.DoesNotContain("200 OK", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("event-stream", answer, StringComparison.Ordinal);
        Assert.Equal(0, tls.Api.Count("listens to plaintext"));
    }

    [Fact]
    public async Task The_plaintext_port_of_the_same_process_is_served()
    {
        var topic = Drafts.NewTopic();
        await using var connection = await RawConnection.GetAsync(tls.PlainPort, SseClient.Target(topic));

        Assert.Contains("\r\nConnection: close\r\n", await connection.ReadUntilAsync(": connected"), StringComparison.Ordinal);
    }
}
