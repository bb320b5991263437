using System.Security.Cryptography;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Adds parameters.</summary>
public static class ParameterResourceBuilderExtensions
{
    private const int GeneratedLength = 22;

    /// <summary>Adds a parameter whose value the configuration holds as <c>Parameters:{name}</c>.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name of the parameter.</param>
    /// <param name="secret">True: never shown.</param>
    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, bool secret = false) =>
        builder.AddResource(new ParameterResource(name, () => builder.Configuration[$"Parameters:{name}"] ?? throw new DistributedApplicationException(
            $"Parameter resource could not be used because configuration key 'Parameters:{name}' is missing."), secret));

    /// <summary>Adds a parameter with a value.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name of the parameter.</param>
    /// <param name="value">The value.</param>
    /// <param name="publishValueAsDefault">Matters where the application is published.</param>
    /// <param name="secret">True: never shown.</param>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, string value, bool publishValueAsDefault = false, bool secret = false) =>
        builder.AddResource(new ParameterResource(name, () => value, secret));

    /// <summary>A password of 22 letters and digits; the configuration's <c>Parameters:{name}</c> wins.</summary>
    internal static ParameterResource CreatePassword(IDistributedApplicationBuilder builder, string name) => new(
        name,
        () => builder.Configuration[$"Parameters:{name}"]
            ?? RandomNumberGenerator.GetString("ABCDEFGHJKMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz0123456789", GeneratedLength),
        secret: true);
}
