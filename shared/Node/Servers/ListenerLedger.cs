using Appliance.ControlPlane;

namespace Appliance.Node.Servers;

/// <summary>
/// Remembers on which ports servers have listened, and which of them have ended. A plain data structure: what is listed goes
/// in, no clock, no kernel.
/// </summary>
public sealed class ListenerLedger
{
    private readonly HashSet<int> _known = [];
    private readonly HashSet<int> _missing = [];

    /// <summary>Ports whose servers have ended, as <see cref="ServerCondition.Ended"/> has them.</summary>
    public ulong Ended { get; private set; }

    /// <summary>Is a port missing that was not when last looked at? The next look tells whether it has ended.</summary>
    public bool IsInDoubt => _missing.Any(port => (Ended & ServerCondition.BitOf(port)) == 0);

    /// <summary>Takes in the ports on which servers listen now. A port has ended when it is missing twice in a row: a list can miss one.</summary>
    /// <returns>The ports that have ended or begun again since the last call.</returns>
    public IReadOnlyList<int> Update(IReadOnlySet<int> listening)
    {
        var changed = new List<int>();
        ulong ended = 0;
        foreach (var port in _known)
        {
            ended |= !listening.Contains(port) && !_missing.Add(port) ? ServerCondition.BitOf(port) : 0;
        }
        _missing.ExceptWith(listening);
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
