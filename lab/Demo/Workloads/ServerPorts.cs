using System.Globalization;
using Appliance.Lab.Namespaces;
using Appliance.Lab.Processes;
using Appliance.Lab.Topology;

namespace Appliance.Lab.Demo.Workloads;

/// <summary>Waits for servers to listen.</summary>
public static class ServerPorts
{
    private const string Listen = "0A";

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_pollInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>Returns when a server listens on a TCP port of a node.</summary>
    /// <exception cref="LabException">It ended or did not listen in time; the message holds its last words.</exception>
    public static async Task WaitAsync(Laboratory lab, LabHost node, LabProcess server, int port, CancellationToken cancellation)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!IsListening(lab.Namespace(node), port))
        {
            if (server.HasExited || TimeProvider.System.GetElapsedTime(started) > s_limit)
            {
                throw Failed(node, server);
            }

            await Task.Delay(s_pollInterval, cancellation);
        }
    }

    /// <summary>The error for a server that does not serve.</summary>
    public static LabException Failed(LabHost node, LabProcess server)
    {
        const int Lines = 5;
        var words = File.Exists(server.LogFile) ? string.Join(Environment.NewLine, File.ReadLines(server.LogFile).TakeLast(Lines)) : "";
        return new LabException(LabFailure.CommandFailed, $"The server on {LabNames.Of(node)} does not answer. {words}".TrimEnd());
    }

    /// <summary>Whether a socket of a <c>/proc/net/tcp</c> table listens on a port.</summary>
    /// <param name="table">The file's text: one heading line, then one socket per line.</param>
    /// <param name="port">The port.</param>
    public static bool HasListener(string table, int port)
    {
        const int AddressField = 1, StateField = 3;
        var suffix = ":" + port.ToString("X4", CultureInfo.InvariantCulture);
        return table.Split('\n').Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Any(fields => fields.Length > StateField
                && string.Equals(fields[StateField], Listen, StringComparison.Ordinal)
                && fields[AddressField].EndsWith(suffix, StringComparison.Ordinal));
    }

    private static bool IsListening(string name, int port) => NetworkNamespace.Run(name, () =>
        HasListener(Table("tcp"), port) || HasListener(Table("tcp6"), port));

    private static string Table(string protocol)
    {
        var path = $"/proc/thread-self/net/{protocol}";
        return File.Exists(path) ? File.ReadAllText(path) : "";
    }
}
