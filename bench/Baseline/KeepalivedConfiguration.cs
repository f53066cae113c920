using System.Globalization;
using Appliance.Lab.Topology;

namespace Appliance.Bench.Baseline;

/// <summary>The least that keepalived needs to move the service address between the two nodes.</summary>
public static class KeepalivedConfiguration
{
    /// <summary>The text of a node's configuration file.</summary>
    /// <param name="node">The node; node 1 is master as long as it lives.</param>
    /// <param name="interval">Time between advertisements; VRRP 3 counts in hundredths of a second.</param>
    public static string Compose(LabHost node, TimeSpan interval) =>
        $$"""
        global_defs {
            router_id {{LabNames.Of(node)}}
            vrrp_version 3
        }
        vrrp_instance service {
            interface lan0
            state {{(node == LabHost.Node1 ? "MASTER" : "BACKUP")}}
            priority {{(node == LabHost.Node1 ? 150 : 100)}}
            virtual_router_id 51
            advert_int {{interval.TotalSeconds.ToString("0.##", CultureInfo.InvariantCulture)}}
            virtual_ipaddress {
                {{LabAddresses.Vip4}}/24 dev lan0
            }
        }

        """;

    /// <summary>The version in the output of <c>keepalived --version</c>, for example <c>2.2.7</c>; null when there is none.</summary>
    public static string? Version(string output)
    {
        var word = output.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries)
            .FirstOrDefault(word => word.Length > 1 && word[0] == 'v' && char.IsAsciiDigit(word[1]));
        return word?[1..];
    }
}
