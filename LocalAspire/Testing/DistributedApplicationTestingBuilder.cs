using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>Builds an AppHost for a test: with random ports, without a dashboard, and without lines in the terminal.</summary>
public static class DistributedApplicationTestingBuilder
{
    /// <summary>Runs the entry point of an AppHost until it builds its application.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <typeparam name="TEntryPoint">A type of the AppHost's assembly, such as <c>Projects.Some_AppHost</c>.</typeparam>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(CancellationToken cancellationToken = default)
        where TEntryPoint : class => CreateAsync<TEntryPoint>([], (_, _) => { }, cancellationToken);

    /// <summary>Runs the entry point of an AppHost until it builds its application.</summary>
    /// <param name="args">Its command line arguments.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <typeparam name="TEntryPoint">A type of the AppHost's assembly, such as <c>Projects.Some_AppHost</c>.</typeparam>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(string[] args, CancellationToken cancellationToken = default)
        where TEntryPoint : class => CreateAsync<TEntryPoint>(args, (_, _) => { }, cancellationToken);

    /// <summary>Runs the entry point of an AppHost until it builds its application.</summary>
    /// <param name="args">Its command line arguments.</param>
    /// <param name="configureBuilder">Changes the options before the builder exists.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <typeparam name="TEntryPoint">A type of the AppHost's assembly, such as <c>Projects.Some_AppHost</c>.</typeparam>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(
        string[] args, Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configureBuilder,
        CancellationToken cancellationToken = default)
        where TEntryPoint : class => CreateAsync(typeof(TEntryPoint), args, configureBuilder, cancellationToken);

    /// <summary>Runs the entry point of an AppHost until it builds its application.</summary>
    /// <param name="entryPoint">A type of the AppHost's assembly.</param>
    /// <param name="args">Its command line arguments.</param>
    /// <param name="configureBuilder">Changes the options before the builder exists.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<IDistributedApplicationTestingBuilder> CreateAsync(
        Type entryPoint, string[] args, Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configureBuilder,
        CancellationToken cancellationToken = default)
    {
        var run = new EntryPointRun(entryPoint.Assembly, args, configureBuilder);
        try
        {
            return new TestingBuilder(await run.WaitForBuilderAsync(cancellationToken), run);
        }
        catch (OperationCanceledException)
        {
            run.Abandon();
            throw;
        }
    }
}
