using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Polly;
using Polly.Registry;
using Polly.Telemetry;

namespace SseScaling.Redis;

/// <summary>The resilience pipelines around Redis: those of the application under their names, else the library's own.</summary>
internal sealed class RedisPipelines(ResiliencePipelineRegistry<string> registry, IOptions<SseRedisOptions> options, IOptions<TelemetryOptions> telemetry)
{
    public ResiliencePipeline Publish { get; } = registry.GetOrAddPipeline(
        SseRedisOptions.PublishPipeline, pipeline => PublishPipeline.Configure(Quiet(pipeline, telemetry), options.Value));

    public ResiliencePipeline Subscribe { get; } = registry.GetOrAddPipeline(
        SseRedisOptions.SubscribePipeline, pipeline => SubscribePipeline.Configure(Quiet(pipeline, telemetry), options.Value));

    /// <summary>The link writes one line when Redis is lost and one when it is back; Polly would write one for each attempt. Its metrics stay.</summary>
    private static ResiliencePipelineBuilder Quiet(ResiliencePipelineBuilder pipeline, IOptions<TelemetryOptions> telemetry) =>
        pipeline.ConfigureTelemetry(new TelemetryOptions(telemetry.Value) { LoggerFactory = NullLoggerFactory.Instance });
}
