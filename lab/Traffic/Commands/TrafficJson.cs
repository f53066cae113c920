using System.Text.Json;
using System.Text.Json.Serialization;
using Appliance.Lab.Traffic.Measure;

namespace Appliance.Lab.Traffic.Commands;

/// <summary>The JSON of the traffic client: camel-case names, one object per line.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(TrafficProgress))]
[JsonSerializable(typeof(TrafficReport))]
[JsonSerializable(typeof(ConnectedLine))]
[JsonSerializable(typeof(FirstProgressLine))]
public sealed partial class TrafficJson : JsonSerializerContext;
