using Appliance.Bpf.Layout;

namespace Appliance.Gateway.DataPath;

/// <summary>
/// Judges closes of the active node's server that its replica does not make: one may be the server's own idea; many are a part
/// of it that has died (a worker under a living listener). Pure.
/// </summary>
public struct LoneCloses
{
    /// <summary>One connection in so many.</summary>
    private const int Few = 20;

    private int _open;
    private int _closed;

    /// <summary>Takes in an open connection.</summary>
    /// <param name="flow">The connection.</param>
    /// <param name="isWaiting">A close by the active node has waited for its replica's for longer than two equal servers differ.</param>
    public void See(in Flow flow, bool isWaiting)
    {
        if (flow.IsOver)
        {
            return;
        }
        _open++;
        // A close that answers the client's own is none of the server's ideas.
        _closed += isWaiting && (flow.Flags & FlowFlags.ClientFin) == FlowFlags.None ? 1 : 0;
    }

    /// <summary>So many that the service had better move to the replica.</summary>
    public readonly bool AreMany => _closed * Few >= _open && _closed > 0;
}
