namespace Appliance.Node.Repair;

/// <summary>What to do about a replica that lacks bytes; see <see cref="RepairPlan"/>.</summary>
public enum RepairAction
{
    /// <summary>It may be on its way, or there is no room for it.</summary>
    Wait,

    /// <summary>Ask the stack how far it is: it delays its acknowledgements, so it may have more than it has said.</summary>
    Probe,

    /// <summary>Ask the gateway for the bytes.</summary>
    Ask,
}
