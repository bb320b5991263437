using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace SseScaling.Api.Access;

/// <summary>Stops the start of a replica that the network can reach and where everybody may do everything, or be everybody.</summary>
internal sealed class LoopbackOnly(IServer server) : IHostedLifecycleService
{
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        var reachable = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault(address => !IsLoopback(BindingAddress.Parse(address).Host));
        return reachable is null ? Task.CompletedTask : throw new OptionsValidationException(AccessExtensions.AllowAnonymous, typeof(AccessOptions),
            [$"{reachable} can be reached from elsewhere, and everybody may do everything: listen to localhost, configure Authentication:Schemes:Bearer, or set Sse__AllowAnonymous=true."]);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
