using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Polly;
using Polly.Registry;
using Polly.Telemetry;

namespace SseScaling.Redis;

/// <summary>The resilience pipelines around Redis: those of the application under their names, else the library's own.</summary>
internal sealed class RedisPipelines(ResiliencePipelineRegistry<string> registry, IOptions<SseRedisOptions> options, IOptions<TelemetryOptions> telemetry)
{
    public ResiliencePipeline Publish { get; } = Get(
        registry, SseRedisOptions.PublishPipeline, telemetry, pipeline => PublishPipeline.Configure(pipeline, options.Value));

    public ResiliencePipeline Subscribe { get; } = Get(
        registry, SseRedisOptions.SubscribePipeline, telemetry, pipeline => SubscribePipeline.Configure(pipeline, options.Value));

    private static ResiliencePipeline Get(
        ResiliencePipelineRegistry<string> registry, string name, IOptions<TelemetryOptions> telemetry, Action<ResiliencePipelineBuilder> configure) =>
        registry.TryGetPipeline(name, out var application) ? application : registry.GetOrAddPipeline(name, pipeline =>
        {
            // The link writes one line when Redis is lost and one when it is back; Polly would write one for each attempt. Its metrics stay.
            pipeline.ConfigureTelemetry(new TelemetryOptions(telemetry.Value) { LoggerFactory = NullLoggerFactory.Instance });
            configure(pipeline);
        });
}
