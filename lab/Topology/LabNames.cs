namespace Appliance.Lab.Topology;

/// <summary>Names of everything that a lab creates in the system.</summary>
public sealed record LabNames
{
    /// <summary>The lab that is meant when none is named.</summary>
    public const string Default = "lab";

    /// <summary>Prefix of the management interfaces in the root namespace; a lab's index follows.</summary>
    public const string ManagementPrefix = "aplm";

    private const int LongestName = 32;

    private LabNames(string name) => Name = name;

    /// <summary>All hosts, in the order in which they are shown.</summary>
    public static IReadOnlyList<LabHost> Hosts { get; } =
        [LabHost.Client, LabHost.Gateway, LabHost.Switch, LabHost.Node1, LabHost.Node2];

    /// <summary>The two hosts that run the service.</summary>
    public static IReadOnlyList<LabHost> Nodes { get; } = [LabHost.Node1, LabHost.Node2];

    /// <summary>The lab's name.</summary>
    public string Name { get; }

    /// <summary>Checks a lab's name: it becomes part of namespace and directory names.</summary>
    /// <exception cref="LabException">The name has other characters than a-z, 0-9 and '-', or is too long.</exception>
    public static LabNames Create(string name)
    {
        var valid = name.Length is > 0 and <= LongestName
            && char.IsAsciiLetterOrDigit(name[0])
            && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
        return valid
            ? new LabNames(name)
            : throw new LabException(LabFailure.InvalidArgument, $"'{name}' cannot name a lab: use up to {LongestName} of a-z, 0-9 and '-'.");
    }

    /// <summary>A host's name as the command line and the configuration spell it.</summary>
    public static string Of(LabHost host) => host switch
    {
        LabHost.Client => "client",
        LabHost.Gateway => "gateway",
        LabHost.Switch => "switch",
        LabHost.Node1 => "node1",
        LabHost.Node2 => "node2",
        _ => throw new ArgumentOutOfRangeException(nameof(host)),
    };

    /// <summary>Finds a host by its fixed name (not by a role).</summary>
    public static bool TryParseHost(string text, out LabHost host)
    {
        foreach (var candidate in Hosts)
        {
            if (string.Equals(Of(candidate), text, StringComparison.Ordinal))
            {
                host = candidate;
                return true;
            }
        }

        host = default;
        return false;
    }

    /// <summary>The other one of the two nodes.</summary>
    public static LabHost Peer(LabHost node) => node == LabHost.Node1 ? LabHost.Node2 : LabHost.Node1;

    /// <summary>The switch's port towards a host of the LAN.</summary>
    public static string SwitchPort(LabHost host) => host switch
    {
        LabHost.Gateway => "gw",
        LabHost.Node1 => "n1",
        LabHost.Node2 => "n2",
        _ => throw new ArgumentOutOfRangeException(nameof(host)),
    };

    /// <summary>The host's named network namespace.</summary>
    public string Namespace(LabHost host) => $"apl-{Name}-{Of(host)}";
}
