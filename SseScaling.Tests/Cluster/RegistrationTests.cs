using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xunit;

namespace SseScaling.Tests.Cluster;

/// <summary>What <c>AddSse</c>, <c>AddSsePublisher</c> and <c>AddRedis</c> register is complete: a host in Development checks it before it starts.</summary>
public sealed class RegistrationTests
{
    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void Every_service_can_be_made(bool hasStreams, bool onRedis)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration["ConnectionStrings:redis"] = "127.0.0.1:1";
        builder.ConfigureContainer(new DefaultServiceProviderFactory(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true }));
        var sse = hasStreams ? builder.Services.AddSse() : builder.Services.AddSsePublisher();
        if (onRedis)
            sse.AddRedis("redis");

        using var host = builder.Build();

        Assert.Equal(hasStreams, host.Services.GetService<ISseConnections>() is not null);
    }
}
