namespace Aspire.Hosting.ApplicationModel;

/// <summary>A value that comes from outside, such as a password.</summary>
public class ParameterResource : Resource, IManifestExpressionProvider, IValueProvider
{
    private readonly Lazy<string> _value;

    internal ParameterResource(string name, Func<string> value, bool secret) : base(name)
    {
        _value = new Lazy<string>(value);
        Secret = secret;
    }

    /// <summary>True: never shown.</summary>
    public bool Secret { get; }

    /// <inheritdoc />
    public string ValueExpression => $"{{{Name}.value}}";

    /// <summary>Gets the value.</summary>
    /// <param name="cancellationToken">Not used: the value comes from the configuration.</param>
    /// <exception cref="DistributedApplicationException">The configuration has no such value.</exception>
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => new(_value.Value);
}
