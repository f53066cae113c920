using System.Net;
using Appliance.Configuration;
using Appliance.ControlPlane;
using Appliance.Net;
using Microsoft.Extensions.Logging;

namespace Appliance.Node;

/// <summary>
/// The connections that the node's own servers accepted while it held the service. When it comes back as a replica after it was
/// taken for dead, these go on elsewhere, with bytes that it has not seen: they are ended, and as the node is silent, nobody hears it.
/// </summary>
public sealed partial class OwnConnections(NodeOptions options, NodeDataPath dataPath, ILogger logger) : IDisposable
{
    private readonly HashSet<IPAddress> _addresses = [.. options.VirtualAddresses];
    private readonly SocketDiagnostics _sockets = new();
    private readonly List<SocketEntry> _entries = [];

    /// <summary>Ends those that have no replica's state. Nothing happens unless the node is silent.</summary>
    public void End()
    {
        var ended = 0;
        var listed = _sockets.List(SocketDiagnostics.Connections, _entries);
        if (!listed.IsOk)
        {
            LogBlind(logger, listed.ToString());
            return;
        }
        foreach (var entry in _entries)
        {
            if (!_addresses.Contains(entry.Id.LocalAddress(entry.Family)) || dataPath.Replicas.TryGet(entry.Id.ToFlowKey(entry.Family), out _))
            {
                continue;
            }
            if (dataPath.Role != NodeRole.Replica)
            {
                return;
            }
            ended += _sockets.Destroy(entry).IsOk ? 1 : 0;
        }
        if (ended > 0)
        {
            LogEnded(logger, ended);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _sockets.Dispose();

    [LoggerMessage(2105, LogLevel.Information, "{Connections} connections from before this node lost the service are ended, silently")]
    private static partial void LogEnded(ILogger logger, int connections);

    [LoggerMessage(2106, LogLevel.Warning, "Connections from before this node lost the service cannot be listed: {Reason}. They end by their own timers")]
    private static partial void LogBlind(ILogger logger, string reason);
}
