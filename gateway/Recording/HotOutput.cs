using Appliance.Bpf.Layout;
using Appliance.Configuration;
using Appliance.RepairChannel;

namespace Appliance.Gateway.Recording;

/// <summary>
/// Output policy <c>hot</c>: decides for each connection which nodes its client hears besides the active one, and tells the programs
/// and the nodes. Reads no clock; the recorder's thread owns it.
/// </summary>
/// <remarks>
/// In order: a replica is in step → the active node's own connection becomes a replica, too (<see cref="Recordings.Share"/>), since it
/// has to bear a client that is ahead of it → the programs merge → the nodes are told to speak. What takes a voice away (a difference, a lost
/// replica, another policy) takes these steps in the same order: from the first one on nobody hears it.
/// </remarks>
/// <param name="serviceOf">Index of a connection's service; one beyond the last for those that have none any more.</param>
public sealed class HotOutput(Recordings recordings, RepairDesk desk, IRepairOutlet outlet, IVoices programs, IReadOnlyList<OutputPolicy> policies, Func<RecordedFlow, int> serviceOf)
{
    /// <summary>After so many refusals the active node is not asked again to share a connection.</summary>
    private const int MostRefusals = 3;

    private readonly OutputPolicy[] _policies = [.. policies];
    private readonly int[] _counts = new int[policies.Count + 1];
    private bool _wasHot;

    /// <summary>Connections whose clients hear several nodes, at the last look at all.</summary>
    public int Count { get; private set; }

    /// <summary>The services, as they are configured.</summary>
    public IReadOnlyList<OutputReading> Outputs => [.. _policies.Zip(_counts, (policy, count) => new OutputReading(policy, count))];

    /// <summary>Whose output reaches the clients of a service.</summary>
    public OutputPolicy PolicyOf(int service) => _policies[service];

    /// <summary>Changes it, for the connections that are open, too, from the next look on.</summary>
    public void SetPolicy(int service, OutputPolicy policy) => _policies[service] = policy;

    /// <summary>Connections of which an earlier process had told the nodes that their clients hear several.</summary>
    public void Inherit(IEnumerable<FlowKey> keys)
    {
        foreach (var key in keys)
        {
            if (recordings.Find(key) is { } flow)
            {
                (flow.Voices, flow.Untold) = (0, (1u << recordings.Nodes) - 1);
                _wasHot = true;
            }
        }
    }

    /// <summary>Looks at all connections. To be called some ten times a second, and when the assignment changes.</summary>
    public void Review()
    {
        if (!IsInUse)
        {
            return;
        }
        Count = 0;
        Array.Clear(_counts);
        var isTold = false;
        foreach (var flow in recordings.Flows)
        {
            Review(flow);
            if (flow.Voices is > 0 && flow.ClosedNs == 0)
            {
                Count++;
                _counts[serviceOf(flow)]++;
            }
            isTold |= flow.ToldHot != 0 || flow.Untold != 0;
        }
        _wasHot = isTold;
    }

    /// <summary>Looks at one connection, of which a node has reported.</summary>
    public void Review(RecordedFlow flow)
    {
        if (!IsInUse || flow.ClosedNs != 0 || flow.IsRemoved || flow.FoundAt is not null)
        {
            return;
        }
        var active = recordings.Assignment.Active;
        var nodes = IsHot(flow) ? recordings.VoicesOf(flow) : 0;
        if (nodes != 0 && flow.Origin == active && active >= 0 && flow.Unshared < MostRefusals)
        {
            recordings.Share(flow);
            desk.Opened(flow);
        }
        if (active < 0 || !flow.Shares[active].IsKnown || flow.Shares[active].IsLost)
        {
            nodes = 0;
        }
        var contradicts = recordings.DifferingOf(flow) & (flow.Voices ?? 0);
        if (nodes != (flow.Voices ?? 0))
        {
            var begins = flow.Voices is null;
            flow.Voices = nodes;
            _wasHot |= nodes != 0;
            programs.Set(flow.Key, new Voice { ClientIsn = flow.ClientIsn, Nodes = nodes });
            if (begins)
            {
                programs.Begin(flow.Key, flow.ClientIsn, flow.Window.SequenceOf(flow.Shares[active].Confirmed));
            }
        }
        if (flow.Voices is not null)
        {
            Tell(flow, active, nodes);
        }
        if (active >= 0 && (flow.IsContradicted || (contradicts != 0 && (programs.FirstOf(flow.Key, flow.ClientIsn) & contradicts) != 0)))
        {
            End(flow, active);
        }
    }

    /// <summary>A connection is over.</summary>
    public void Forget(RecordedFlow flow) => programs.Remove(flow.Key);

    private bool IsInUse => _wasHot || Array.Exists(_policies, p => p != OutputPolicy.Silent);

    private bool IsHot(RecordedFlow flow) => serviceOf(flow) is var service && service < _policies.Length && _policies[service] == OutputPolicy.Hot;

    /// <summary>
    /// The client has been given something by a node that says other things than the active one: where in the stream, nobody knows
    /// exactly. A wrong byte is worse than a broken connection.
    /// </summary>
    private void End(RecordedFlow flow, int active)
    {
        if (!flow.IsContradicted)
        {
            programs.LetClose(flow.Key);
        }
        flow.IsContradicted = !outlet.Speak(active, new VoiceEntry(flow.Key, flow.ClientIsn, VoiceOrder.End));
    }

    private void Tell(RecordedFlow flow, int active, uint nodes)
    {
        for (var node = 0; node < recordings.Nodes; node++)
        {
            var bit = 1u << node;
            if (!flow.Shares[node].IsKnown)
            {
                flow.Untold |= bit;
                continue;
            }
            var isHot = nodes != 0 && (node == active || (nodes & bit) != 0);
            if (((flow.Untold & bit) != 0 || isHot != ((flow.ToldHot & bit) != 0)) && outlet.Speak(node, new VoiceEntry(flow.Key, flow.ClientIsn, isHot ? VoiceOrder.Hot : VoiceOrder.Silent)))
            {
                flow.Untold &= ~bit;
                flow.ToldHot = isHot ? flow.ToldHot | bit : flow.ToldHot & ~bit;
            }
        }
    }
}
