using Appliance.Bench.Labs;
using Appliance.Lab.Topology;

namespace Appliance.Bench.Compatibility;

/// <summary>A server from a Debian package, and what its clients do while its primary crashes.</summary>
/// <param name="Name">The server, and what is special about it.</param>
/// <param name="Package">What brings it.</param>
/// <param name="Port">Where it listens.</param>
/// <param name="Start">Prepares a node's own disk, and names the command.</param>
/// <param name="Load">The clients.</param>
public sealed record ServerCase(string Name, string Package, int Port, Func<BenchLab, LabHost, CancellationToken, Task<string[]>> Start, IClientLoad Load)
{
    /// <summary>The knob that is turned in this case, for people; empty for none.</summary>
    public string Option { get; init; } = "";

    /// <summary>More settings of the service, in YAML's flow style.</summary>
    public string Service { get; init; } = "";

    /// <summary>Its clients send datagrams.</summary>
    public bool IsUdp { get; init; }
}
