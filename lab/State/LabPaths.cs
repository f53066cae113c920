using Appliance.Lab.Topology;

namespace Appliance.Lab.State;

/// <summary>Where a lab keeps its files.</summary>
public sealed record LabPaths(string Name)
{
    private const string Root = "/run/appliance/labs";

    /// <summary>The lab's directory; it goes away with the lab.</summary>
    public string Directory => Path.Combine(Root, Name);

    /// <summary>What the lab remembers between commands.</summary>
    public string StateFile => Path.Combine(Directory, "state.json");

    /// <summary>Held while the state is changed.</summary>
    public string LockFile => Path.Combine(Directory, "state.lock");

    /// <summary>The secret shared by gateway and nodes.</summary>
    public string SecretFile => Path.Combine(Directory, "control.key");

    /// <summary>A host's configuration file.</summary>
    public string Configuration(LabHost host) => Path.Combine(Directory, LabNames.Of(host) + ".yaml");

    /// <summary>A host's log file.</summary>
    public string Log(LabHost host) => Path.Combine(Directory, LabNames.Of(host) + ".log");

    /// <summary>A node's own disk, for the data of its server.</summary>
    public string Data(LabHost node) => Path.Combine(Directory, LabNames.Of(node));
}
