namespace Appliance.Gateway.Failover;

/// <summary>
/// Does a node hear the gateway? A heartbeat tells when the newest order was sent that its node has received. A node that is heard and
/// hears nothing is cut off from its clients, too: whatever the gateway forwards goes the same way. Measured from what was sent, so a
/// gateway that stood still does not take the nodes for deaf. Pure; CLOCK_MONOTONIC nanoseconds of the gateway's host.
/// </summary>
public sealed class Hearing
{
    private ulong _sentNs;
    private ulong _unheardNs;

    /// <summary>An order was sent to the node.</summary>
    public void OnSent(ulong nowNs)
    {
        _sentNs = nowNs;
        _unheardNs = _unheardNs == 0 ? nowNs : _unheardNs;
    }

    /// <summary>Takes in a heartbeat.</summary>
    /// <param name="echoNs">What it says it has heard; 0 for nothing since its agent's start.</param>
    /// <param name="limitNs">How long an order may be on its way.</param>
    /// <param name="nowNs">The time.</param>
    /// <returns>False when the node has missed all orders for longer than that.</returns>
    public bool Hears(ulong echoNs, ulong limitNs, ulong nowNs)
    {
        if (echoNs >= _unheardNs && echoNs <= nowNs)
        {
            _unheardNs = _sentNs > echoNs ? _sentNs : 0; // what was sent between the two may have been heard: in the node's favour
        }
        return echoNs == 0 || _unheardNs == 0 || nowNs - _unheardNs <= limitNs;
    }
}
