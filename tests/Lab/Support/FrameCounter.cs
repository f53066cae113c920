using System.Globalization;
using Appliance.Lab;
using Appliance.Lab.Processes;
using Appliance.Lab.Topology;

namespace Appliance.Tests.Lab.Support;

/// <summary>
/// Counts, at the switch, the frames that arrive from one node with the service's address as their source: what is
/// counted here has left the node.
/// </summary>
internal sealed class FrameCounter
{
    private readonly IReadOnlyList<string> _read;

    private FrameCounter(IReadOnlyList<string> read) => _read = read;

    /// <summary>Starts to count.</summary>
    public static async Task<FrameCounter> StartAsync(Laboratory lab, LabHost node)
    {
        var port = LabNames.SwitchPort(node);
        var rules = $$"""
            table netdev spoken_{{port}} {
              counter frames { }
              chain from_node {
                type filter hook ingress device "{{port}}" priority 0; policy accept;
                ip saddr {{LabAddresses.Vip4}} counter name frames
                ip6 saddr {{LabAddresses.Vip6}} counter name frames
              }
            }

            """;
        await CommandRunner.RequireAsync(lab.CommandOn(LabHost.Switch, ["nft", "-f", "-"]), rules);
        return new FrameCounter(lab.CommandOn(LabHost.Switch, ["nft", "list", "counter", "netdev", $"spoken_{port}", "frames"]));
    }

    /// <summary>Frames so far.</summary>
    public async Task<long> ReadAsync()
    {
        var listing = await CommandRunner.RequireAsync(_read);
        var words = listing.Output.Split([' ', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries);
        return long.Parse(words[Array.IndexOf(words, "packets") + 1], CultureInfo.InvariantCulture);
    }
}
