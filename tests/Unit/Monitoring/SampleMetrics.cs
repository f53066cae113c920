using Appliance.Bpf;
using Appliance.Configuration;
using Appliance.ControlPlane;
using Appliance.Gateway.Api.Status;
using Appliance.Gateway.DataPath;
using Appliance.Gateway.Metrics;
using Appliance.Gateway.Recording;
using Appliance.Gateway.Recording.Store;
using Appliance.Recording;

namespace Appliance.Tests.Unit.Monitoring;

/// <summary>All metrics of a gateway: of a status as any has it, with the counters of the real programs.</summary>
internal static class SampleMetrics
{
    public static IReadOnlyList<Metric> Read() => GatewayMetrics.Of(Status(), new FailoverMeter());

    private static StatusDocument Status()
    {
        using var programs = BpfObject.Open("gateway.bpf.o");
        var nothing = new Histogram(1).Read();
        return new StatusDocument(
            Epoch: 7, Ready: true, OutputPolicy.Silent, Flows: 3, Unprotected: 1, "1.0.0", default, default,
            [new ServiceDocument("web", ["10.0.2.100"], "any", ServiceProtocol.Any, DivergencePolicy.Reset, OutputPolicy.Hot, 3, 0, 2, 0, 0, InAgreement: true)],
            0, [Node("node1", "active"), Node("node2", "replica")], [],
            new RecorderStatus(
                RecordPolicy.Unconfirmed, 3, 3, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, nothing, LagReading.None,
                new StoreStatus { State = StoreState.Ready, Endpoint = "10.0.0.5:6379" },
                Enum.GetValues<FlowState>().ToDictionary(state => state, _ => 0), [], [], default, [], new DatagramStatus(0, 0, 0, 0, 0, 0, 0, 0)),
            CounterMap.NamesIn(programs, "gateway_counter", "GATEWAY_").ToDictionary(name => name, _ => 1UL),
            Enum.GetNames<MessageError>().ToDictionary(name => name.ToLowerInvariant(), _ => 0L));
    }

    private static NodeDocument Node(string name, string role) =>
        new(name, "10.0.2.10", role, Drained: false, 7, 1, 30, string.Empty, Deaf: false, ServerEnded: false, ServerFailing: false, 0, new LeadReading(new Histogram(1).Read()), new FlowSummary());
}
