using Appliance.Native;

namespace Appliance.Gateway.Recording;

/// <summary>
/// Connections that the programs have forgotten without a word: replaced by one that never came about, or closed before
/// their beginning was read. Reads no clock; one thread owns it.
/// </summary>
/// <param name="recordings">All connections.</param>
/// <param name="find">Finds a connection in the programs' table.</param>
/// <param name="close">One of them is over.</param>
public sealed class ForgottenFlows(Recordings recordings, RepairDesk.FlowLookup find, Action<RecordedFlow> close)
{
    /// <summary>So many are looked at in one go: each is a system call.</summary>
    private const int AtOnce = 2000;

    private static readonly ulong IntervalNs = MonotonicClock.Nanoseconds(TimeSpan.FromSeconds(5));

    private readonly Stack<RecordedFlow> _unchecked = new();
    private ulong _begunNs;

    /// <summary>Looks at some of them; to be called several times a second.</summary>
    public void Review(ulong nowNs)
    {
        if (_unchecked.Count == 0 && nowNs >= _begunNs + IntervalNs)
        {
            _begunNs = nowNs;
            foreach (var flow in recordings.Flows)
            {
                _unchecked.Push(flow);
            }
        }
        for (var i = 0; i < AtOnce && _unchecked.TryPop(out var flow); i++)
        {
            if (flow.ClosedNs == 0 && !flow.IsRemoved && nowNs > flow.OpenedNs + IntervalNs
                && !(find(flow.Key, out var current) && current.Handshake.ClientIsn == flow.ClientIsn))
            {
                close(flow);
            }
        }
    }
}
