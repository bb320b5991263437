using Aspire.Hosting.Testing;
using Xunit;

namespace LocalAspire.Tests.Hosting;

public sealed class EnvironmentTests
{
    [Fact]
    public async Task A_replica_gets_its_variables_from_host_profile_and_model()
    {
        await using var app = await EchoApplication.StartHealthyAsync();
        var variables = await app.EnvironmentAsync("echo");
        var connection = await app.Application.GetConnectionStringAsync("redis", TestContext.Current.CancellationToken);
        var suffix = app.Instances("echo")[0]["echo-".Length..];

        Assert.Matches("^http://localhost:[0-9]+$", variables["ASPNETCORE_URLS"]);
        Assert.NotEqual(app.Application.GetEndpoint("echo").Port, new Uri(variables["ASPNETCORE_URLS"]).Port);
        Assert.Equal(connection, variables["ConnectionStrings__redis"]);
        Assert.Matches("^localhost:[0-9]+,password=[A-Za-z0-9]{22}$", connection);
        Assert.Equal("localhost", variables["REDIS_HOST"]);
        Assert.Equal($"{variables["REDIS_HOST"]}:{variables["REDIS_PORT"]},password={variables["REDIS_PASSWORD"]}", connection);
        Assert.Equal($"redis://:{variables["REDIS_PASSWORD"]}@localhost:{variables["REDIS_PORT"]}", variables["REDIS_URI"]);
        Assert.Matches("^[a-z]{8}$", suffix);
        Assert.Equal("echo", variables["OTEL_SERVICE_NAME"]);
        Assert.Equal($"service.instance.id={suffix}", variables["OTEL_RESOURCE_ATTRIBUTES"]);
        Assert.Equal("Development", variables["ASPNETCORE_ENVIRONMENT"]);
        Assert.Equal("http", variables["DOTNET_LAUNCH_PROFILE"]);
        Assert.Equal("profile", variables["FROM_PROFILE"]);
        Assert.Equal("model", variables["FROM_BOTH"]);
        Assert.Equal("from-settings", variables["FROM_PARAMETER"]);
        Assert.Equal("callback", variables["FROM_CALLBACK"]);
        Assert.Equal(Environment.GetEnvironmentVariable("PATH"), variables["PATH"]);
    }

    [Fact]
    public async Task Telemetry_is_quick_in_development_and_goes_nowhere_without_an_endpoint()
    {
        await using var app = await EchoApplication.StartHealthyAsync();
        var variables = await app.EnvironmentAsync("echo");

        Assert.All(
            (string[])["OTEL_BSP_SCHEDULE_DELAY", "OTEL_BLRP_SCHEDULE_DELAY", "OTEL_METRIC_EXPORT_INTERVAL"],
            name => Assert.Equal("1000", variables[name]));
        Assert.Equal("always_on", variables["OTEL_TRACES_SAMPLER"]);
        Assert.DoesNotContain("OTEL_EXPORTER_OTLP_ENDPOINT", variables.Keys);
    }

    [Fact]
    public async Task A_reference_to_a_project_is_the_address_of_its_proxy()
    {
        await using var app = await EchoApplication.StartHealthyAsync();
        var variables = await app.EnvironmentAsync("caller");
        var address = app.Application.GetEndpoint("echo", "http").ToString().TrimEnd('/');

        Assert.Equal(address, variables["services__echo__http__0"]);
        Assert.Equal(address, variables["ECHO_HTTP"]);
        Assert.Equal($"{address}/page", variables["ECHO_PAGE"]);
        Assert.DoesNotContain("ASPNETCORE_ENVIRONMENT", variables.Keys);
        Assert.DoesNotContain("DOTNET_LAUNCH_PROFILE", variables.Keys);
    }

    [Fact]
    public async Task A_service_runs_in_its_projects_folder()
    {
        await using var app = await EchoApplication.StartHealthyAsync();
        using var client = app.Client();

        var folder = await client.GetStringAsync("/folder", TestContext.Current.CancellationToken);

        Assert.True(File.Exists(Path.Combine(folder, "EchoService.csproj")), folder);
    }
}
