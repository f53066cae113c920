using System.Globalization;
using Appliance.Lab.Namespaces;

namespace Appliance.Lab.Processes;

/// <summary>Finds sockets that wait for clients: TCP in the state LISTEN, UDP without a peer.</summary>
public static class ListeningSockets
{
    private const string TcpListen = "0A";
    private const string UdpUnconnected = "07";

    private static readonly (string Table, string State)[] Tables =
        [("tcp", TcpListen), ("tcp6", TcpListen), ("udp", UdpUnconnected), ("udp6", UdpUnconnected)];

    /// <summary>The inode numbers of all listening sockets of a namespace.</summary>
    public static IReadOnlySet<long> In(string namespaceName) => NetworkNamespace.Run(namespaceName, () =>
    {
        var inodes = new HashSet<long>();
        foreach (var (table, state) in Tables)
        {
            var path = $"/proc/thread-self/net/{table}";
            if (File.Exists(path))
            {
                inodes.UnionWith(Parse(File.ReadAllText(path), state));
            }
        }

        return inodes;
    });

    /// <summary>Reads a table of <c>/proc/net</c> and returns the inodes of the sockets in one state.</summary>
    /// <param name="table">The file's text: one heading line, then one socket per line.</param>
    /// <param name="state">The state's number, two hexadecimal digits.</param>
    public static IEnumerable<long> Parse(string table, string state)
    {
        const int StateField = 3, InodeField = 9;
        foreach (var line in table.Split('\n').Skip(1))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length > InodeField
                && string.Equals(fields[StateField], state, StringComparison.Ordinal)
                && long.TryParse(fields[InodeField], NumberStyles.None, CultureInfo.InvariantCulture, out var inode)
                && inode != 0)
            {
                yield return inode;
            }
        }
    }
}
