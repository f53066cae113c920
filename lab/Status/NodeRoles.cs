using Appliance.Lab.Daemons;
using Appliance.Lab.Topology;

namespace Appliance.Lab.Status;

/// <summary>Who is primary and who is backup.</summary>
public static class NodeRoles
{
    /// <summary>The roles that a lab begins with.</summary>
    public static IReadOnlyDictionary<LabHost, NodeRole> Initial { get; } = new Dictionary<LabHost, NodeRole>
    {
        [LabHost.Node1] = NodeRole.Active,
        [LabHost.Node2] = NodeRole.Replica,
    };

    /// <summary>
    /// The node that holds the service. While none does, as in the middle of a takeover, the last roles count.
    /// </summary>
    public static LabHost Primary(IReadOnlyDictionary<LabHost, NodeRole>? now, IReadOnlyDictionary<LabHost, NodeRole> last) =>
        Active(now) ?? Active(last) ?? LabHost.Node1;

    private static LabHost? Active(IReadOnlyDictionary<LabHost, NodeRole>? roles)
    {
        foreach (var (node, role) in roles ?? new Dictionary<LabHost, NodeRole>())
        {
            if (role == NodeRole.Active)
            {
                return node;
            }
        }

        return null;
    }
}
