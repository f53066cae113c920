using System.Text.Json;
using System.Text.Json.Serialization;
using Appliance.Gateway.Api.Access;
using Appliance.Gateway.Api.Flows;
using Appliance.Gateway.Api.Orders;
using Appliance.Gateway.Api.Status;
using Appliance.Gateway.Api.Telemetry;

namespace Appliance.Gateway.Api;

/// <summary>
/// How the documents of the interface are written, made by the compiler: to learn that at run time costs a gateway some tenths of a second
/// of processor time after each start. What is not named here is learnt at run time.
/// </summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(StatusDocument))]
[JsonSerializable(typeof(IReadOnlyList<FlowDocument>))]
[JsonSerializable(typeof(TelemetryDocument))]
[JsonSerializable(typeof(IReadOnlyList<Operation>))]
[JsonSerializable(typeof(IReadOnlyList<AuditEntry>))]
[JsonSerializable(typeof(SessionDocument))]
[JsonSerializable(typeof(LoginRequest))]
[JsonSerializable(typeof(FailoverRequest))]
[JsonSerializable(typeof(DrainRequest))]
[JsonSerializable(typeof(OutputRequest))]
internal sealed partial class GatewayJson : JsonSerializerContext;
