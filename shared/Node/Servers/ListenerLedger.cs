using Appliance.ControlPlane;

namespace Appliance.Node.Servers;

/// <summary>
/// Remembers on which ports servers have listened, and which of them have ended. A plain data structure: what is listed goes
/// in, no clock, no kernel.
/// </summary>
public sealed class ListenerLedger
{
    private readonly HashSet<int> _known = [];

    /// <summary>Ports whose servers have ended, as <see cref="ServerCondition.Ended"/> has them.</summary>
    public ulong Ended { get; private set; }

    /// <summary>Takes in the ports on which servers listen now.</summary>
    /// <returns>The ports that have ended or begun again since the last call.</returns>
    public IReadOnlyList<int> Update(IReadOnlySet<int> listening)
    {
        var changed = new List<int>();
        ulong ended = 0;
        foreach (var port in _known)
        {
            ended |= listening.Contains(port) ? 0 : ServerCondition.BitOf(port);
        }
        foreach (var port in _known)
        {
            if (((ended ^ Ended) & ServerCondition.BitOf(port)) != 0)
            {
                changed.Add(port);
            }
        }
        _known.UnionWith(listening);
        Ended = ended;
        return changed;
    }
}
