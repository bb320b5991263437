using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using SseScaling.Tests.Testing;

namespace SseScaling.Tests.LoadTest;

/// <summary>One replica of the real API, as a process of its own with the in-memory backplane.</summary>
public sealed class ApiProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ApiProcess(Process process, Uri url) => (_process, Url) = (process, url);

    /// <summary>Its base URL.</summary>
    public Uri Url { get; }

    /// <summary>Starts one and waits until it answers.</summary>
    public static async Task<ApiProcess> StartAsync()
    {
        var url = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePort()}"));
        var start = new ProcessStartInfo("dotnet") { WorkingDirectory = AppContext.BaseDirectory };
        string[] arguments = [Path.Combine(AppContext.BaseDirectory, "SseScaling.Api.dll"), "--urls", url.ToString(), "--Logging:LogLevel:Default=Warning"];
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        start.Environment.Remove("ConnectionStrings__redis");
        start.Environment["Sse__AllowAnonymous"] = "true";
        var api = new ApiProcess(Process.Start(start)!, url);
        using var http = new HttpClient();
        await Eventually.TrueAsync(() => AnswersAsync(http, url), "the API answers", TimeSpan.FromSeconds(60));
        return api;
    }

    /// <summary>Kills it.</summary>
    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static async Task<bool> AnswersAsync(HttpClient http, Uri url)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri(url, "/health"));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
