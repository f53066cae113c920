using System.Text.Json;
using Appliance.Lab.Daemons;
using Appliance.Lab.Faults;
using Appliance.Lab.State;
using Appliance.Lab.Topology;

namespace Appliance.Lab.Status;

/// <summary>The present state of a lab: its network, the programs in it, and what the gateway says.</summary>
public sealed record LabStatus
{
    /// <summary>The lab's name.</summary>
    public required string Name { get; init; }

    /// <summary>How far it has come.</summary>
    public required LabPhase Phase { get; init; }

    /// <summary>Its directory.</summary>
    public required string Directory { get; init; }

    /// <summary>The gateway's REST interface, reachable from the root namespace.</summary>
    public Uri? ApiUrl { get; init; }

    /// <summary>The node that holds the service, by the gateway's word or, when it is silent, its last one.</summary>
    public LabHost Primary { get; init; }

    /// <summary>The other node.</summary>
    public LabHost Backup { get; init; }

    /// <summary>The nodes' roles, with the same reservation.</summary>
    public IReadOnlyDictionary<LabHost, NodeRole> Roles { get; init; } = new Dictionary<LabHost, NodeRole>();

    /// <summary>Whether both nodes hold their roles; null when the gateway does not answer.</summary>
    public bool? Ready { get; init; }

    /// <summary>The machines.</summary>
    public IReadOnlyList<HostStatus> Hosts { get; init; } = [];

    /// <summary>The faults that last.</summary>
    public IReadOnlyList<FaultRecord> Faults { get; init; } = [];

    /// <summary>The gateway's own status, as it came.</summary>
    public JsonElement? Gateway { get; init; }
}
