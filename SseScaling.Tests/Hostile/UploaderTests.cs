using System.Diagnostics;
using System.Globalization;
using SseScaling.Tests.Testing;
using Xunit;

namespace SseScaling.Tests.Hostile;

/// <summary>A client that sends on its stream, for which a stream has no use.</summary>
[Trait("Category", "Hostile")]
public sealed class UploaderTests(ITestOutputHelper output)
{
    private const int Enough = 64 << 20;

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task Who_uploads_on_a_stream_is_stopped_and_the_others_get_their_events(string direct)
    {
        await using var api = await ApiProcess.StartAsync(null, ("Sse__DirectSockets", direct));
        await using var reader = await SseClient.OpenTopicsAsync(api.Http, "a");
        await reader.LiveAsync();
        await using var uploader = await RawConnection.GetAsync(api.Port, "/api/stream?topic=a");
        await uploader.ReadUntilAsync(": connected");
        var clock = Stopwatch.StartNew();
        var uploading = UploadAsync(uploader);

        for (var i = 0; i < 100; i++)
        {
            await api.Http.PublishAsync("a", "1");
            await reader.NextAsync();
        }

        // Cut, or not read any more.
        var isOver = uploading == await Task.WhenAny(uploading, Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_uploaded >> 10} KB were taken in {clock.ElapsedMilliseconds} ms, then the client {(isOver ? "was cut" : "had to wait")}."));
        Assert.InRange(_uploaded, 0, Enough / 2);
    }

    private long _uploaded;

    private async Task UploadAsync(RawConnection connection)
    {
        var piece = new string('x', 64 << 10);
        try
        {
            while (_uploaded < Enough)
            {
                await connection.SendAsync(piece);
                _uploaded += piece.Length;
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // Cut by the server, or by the test's end.
        }
    }
}
