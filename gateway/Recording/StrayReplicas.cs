using Appliance.Native;
using Appliance.RepairChannel;

namespace Appliance.Gateway.Recording;

/// <summary>
/// Replicas that nodes report and whose connections nobody at the gateway knows: they ended while the node was away, and
/// will never hear of it by themselves. A connection whose handshake is under way is known soon. One thread owns it.
/// </summary>
internal sealed class StrayReplicas
{
    private static readonly ulong PatienceNs = MonotonicClock.Nanoseconds(TimeSpan.FromSeconds(3));

    private readonly Dictionary<(int Node, EndEntry Replica), ulong> _sinceNs = [];

    /// <summary>A node reports a replica of a connection that is not recorded.</summary>
    public void Note(int node, in EndEntry replica, ulong nowNs) => _sinceNs.TryAdd((node, replica), nowNs);

    /// <summary>Settles those that were noted three seconds ago. To be called some ten times a second.</summary>
    /// <param name="nowNs">CLOCK_MONOTONIC.</param>
    /// <param name="settle">Tells the node the end, unless the connection is known by now; false when that has to be tried again.</param>
    public void Review(ulong nowNs, Func<int, EndEntry, bool> settle)
    {
        foreach (var (stray, sinceNs) in _sinceNs)
        {
            if (nowNs > sinceNs + PatienceNs && settle(stray.Node, stray.Replica))
            {
                _sinceNs.Remove(stray); // allowed while enumerating
            }
        }
    }
}
