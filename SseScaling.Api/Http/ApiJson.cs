using System.Text.Json;
using System.Text.Json.Serialization;
using SseScaling.Api.Pages;
using SseScaling.Api.Social;

namespace SseScaling.Api.Http;

/// <summary>The JSON of the API's bodies and answers, and of the events that it makes itself.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(PostRequest))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(StopRequest))]
[JsonSerializable(typeof(FollowersAnswer))]
[JsonSerializable(typeof(PostAnswer))]
[JsonSerializable(typeof(PresenceAnswer))]
[JsonSerializable(typeof(UserPresenceAnswer))]
[JsonSerializable(typeof(StatsAnswer))]
[JsonSerializable(typeof(IReadOnlyList<ClusterPoint>))]
[JsonSerializable(typeof(PostEvent))]
internal sealed partial class ApiJson : JsonSerializerContext;
