namespace Microsoft.Extensions.DependencyInjection;

/// <summary>What <c>AddSse</c> began, for packages that add to it.</summary>
public interface ISseBuilder
{
    /// <summary>The application's services.</summary>
    IServiceCollection Services { get; }
}
