using Appliance.Lab.Daemons;
using Appliance.Lab.Faults;
using Appliance.Lab.Topology;

namespace Appliance.Lab.State;

/// <summary>What a lab remembers between commands: the content of <c>state.json</c>.</summary>
public sealed record LabState
{
    /// <summary>Version of the file's layout.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Version of the layout that this state was written with.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>The lab's name.</summary>
    public required string Name { get; init; }

    /// <summary>Number of the management link; 0 until there is one.</summary>
    public int Index { get; init; }

    /// <summary>How far the lab has come.</summary>
    public LabPhase Phase { get; init; }

    /// <summary>Whether the lab was made with the appliance's programs, or is a network only.</summary>
    public bool WithDaemons { get; init; }

    /// <summary>Where the programs were found: the directory that holds one directory per project.</summary>
    public string? Programs { get; init; }

    /// <summary>The programs that were started last on each host.</summary>
    public IReadOnlyList<DaemonRecord> Daemons { get; init; } = [];

    /// <summary>The role of each node when the gateway was last asked.</summary>
    public IReadOnlyDictionary<LabHost, NodeRole> LastRoles { get; init; } = new Dictionary<LabHost, NodeRole>();

    /// <summary>Every fault so far, in order.</summary>
    public IReadOnlyList<FaultRecord> Faults { get; init; } = [];
}
