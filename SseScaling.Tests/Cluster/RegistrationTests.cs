using Microsoft.AspNetCore.Builder;
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
    public async Task Every_service_can_be_made(bool hasStreams, bool onRedis)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = Environments.Development });
        builder.Configuration["ConnectionStrings:redis"] = "127.0.0.1:1";
        var sse = hasStreams ? builder.Services.AddSse() : builder.Services.AddSsePublisher();
        if (onRedis)
            sse.AddRedis("redis");

        await using var app = builder.Build();

        Assert.Equal(hasStreams, app.Services.GetService<ISseConnections>() is not null);
    }
}
