using Appliance.Lab.Processes;
using Appliance.Lab.Text;
using Appliance.Lab.Topology;

namespace Appliance.Lab.Faults;

/// <summary>
/// Loses copies at the switch, where they leave towards the replica: frames to or from the service address. Heartbeats
/// and everything else between the machines is left alone.
/// </summary>
public static class TapLossRules
{
    private const string Table = "netdev appliance_lab_tap";

    /// <summary>The rules as <c>nft</c> reads them; they take the place of earlier ones in one step.</summary>
    /// <param name="port">The switch's port towards the replica.</param>
    /// <param name="basisPoints">The share to lose, in hundredths of a percent.</param>
    public static string Ruleset(string port, int basisPoints)
    {
        if (basisPoints == 0)
        {
            return Nothing;
        }

        var chance = basisPoints >= Percentages.Whole ? "" : $"numgen random mod {Percentages.Whole} < {basisPoints} ";
        return Nothing + $$"""
            table {{Table}} {
              chain to_replica {
                type filter hook egress device "{{port}}" priority 0; policy accept;
                ip daddr {{LabAddresses.Vip4}} {{chance}}counter drop
                ip saddr {{LabAddresses.Vip4}} {{chance}}counter drop
                ip6 daddr {{LabAddresses.Vip6}} {{chance}}counter drop
                ip6 saddr {{LabAddresses.Vip6}} {{chance}}counter drop
              }
            }

            """;
    }

    /// <summary>Loads the rules into the lab's switch.</summary>
    public static async Task LoadAsync(LabNames names, LabHost replica, int basisPoints, CancellationToken cancellation)
    {
        string[] command = ["ip", "netns", "exec", names.Namespace(LabHost.Switch), "nft", "-f", "-"];
        await CommandRunner.RequireAsync(command, Ruleset(LabNames.SwitchPort(replica), basisPoints), cancellation);
    }

    // Deleting needs the table to exist, adding does not mind if it does.
    private static string Nothing => $"add table {Table}\ndelete table {Table}\n";
}
