namespace Appliance.Gateway.Api.Telemetry;

/// <summary>What happened in one step of the telemetry.</summary>
/// <param name="At">Its end.</param>
/// <param name="Flows">Open connections.</param>
/// <param name="Protected">Of these, by state.</param>
/// <param name="Repairing">As <paramref name="Protected"/>.</param>
/// <param name="Unprotected">As <paramref name="Protected"/>.</param>
/// <param name="Diverged">As <paramref name="Protected"/>.</param>
/// <param name="ClientSegmentsPerSecond">Forwarded to the active node.</param>
/// <param name="ServerSegmentsPerSecond">Forwarded to clients.</param>
/// <param name="ClientBytesPerSecond">Recorded payload.</param>
/// <param name="LanReceivedBytesPerSecond">Everything that the LAN interface received.</param>
/// <param name="LanSentBytesPerSecond">Everything that it sent, copies included.</param>
/// <param name="LagBytes">Largest lag of a replica that follows.</param>
/// <param name="HeldBack">Flows whose clients see a narrowed window.</param>
/// <param name="RepairP99Ms">99th percentile of the last repairs.</param>
/// <param name="Nodes">By index.</param>
public sealed record Sample(
    DateTimeOffset At,
    int Flows,
    int Protected,
    int Repairing,
    int Unprotected,
    int Diverged,
    double ClientSegmentsPerSecond,
    double ServerSegmentsPerSecond,
    double ClientBytesPerSecond,
    double LanReceivedBytesPerSecond,
    double LanSentBytesPerSecond,
    long LagBytes,
    int HeldBack,
    double RepairP99Ms,
    IReadOnlyList<NodeSample> Nodes);

/// <summary>How a node's heartbeats came in one step.</summary>
/// <param name="Name">The node's name.</param>
/// <param name="Role">Its role at the step's end.</param>
/// <param name="Heartbeats">How many came.</param>
/// <param name="LongestGapMs">The longest wait for one that ended in the step, or still lasted at its end.</param>
/// <param name="TimeoutMs">How long a wait may last before the node is suspected.</param>
public sealed record NodeSample(string Name, string Role, int Heartbeats, double LongestGapMs, double TimeoutMs);
