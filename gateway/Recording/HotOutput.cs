using Appliance.Bpf.Layout;
using Appliance.Configuration;
using Appliance.RepairChannel;

namespace Appliance.Gateway.Recording;

/// <summary>
/// Output policies <c>hot</c> and <c>agree</c>: decides for each connection which nodes are heard besides the active one, and what of
/// their output passes, and tells the programs and the nodes. The recorder's thread owns it.
/// </summary>
/// <remarks>
/// In order: a replica is in step → the active node's own connection becomes a replica, too (<see cref="Recordings.Share"/>), since it
/// has to bear a client that is ahead of it → the programs merge → the nodes are told to speak. What takes a voice away (a difference, a lost
/// replica, another policy) takes these steps in the same order: from the first one on nobody hears it.
/// <para>Where the nodes have to agree, a connection's output is held back from its first byte on until its nodes are heard, or there is
/// nobody to be waited for.</para>
/// </remarks>
/// <param name="recordings">The connections.</param>
/// <param name="desk">Offers an active node its own connections.</param>
/// <param name="outlet">Tells nodes.</param>
/// <param name="programs">Tells the programs.</param>
/// <param name="services">The services, as they are configured.</param>
/// <param name="fallback">What becomes of output on which nobody agrees in time.</param>
/// <param name="serviceOf">Index of a connection's service; one beyond the last for those that have none any more.</param>
public sealed class HotOutput(
    Recordings recordings, RepairDesk desk, IRepairOutlet outlet, IVoices programs, IReadOnlyList<HotOutput.Service> services, AgreementFallback fallback,
    Func<RecordedFlow, int> serviceOf)
{
    /// <summary>After so many refusals the active node is not asked again to share a connection.</summary>
    private const int MostRefusals = 3;

    private readonly OutputPolicy[] _policies = [.. services.Select(s => s.Output)];
    private readonly int[] _counts = new int[services.Count + 1];
    private bool _wasHot;

    /// <summary>What is to be known of a service.</summary>
    /// <param name="Output">Whose output reaches its clients at first.</param>
    /// <param name="Carries">Its connections are carried on although their nodes differ.</param>
    public readonly record struct Service(OutputPolicy Output, bool Carries = false);

    /// <summary>Connections whose clients hear several nodes, at the last look at all.</summary>
    public int Count { get; private set; }

    /// <summary>Connections whose nodes contradicted one another where they had to agree, whoever found it first: the voting, or a node that compares.</summary>
    public long Contests { get; private set; }

    /// <summary>CLOCK_MONOTONIC of the look under way.</summary>
    public ulong NowNs { get; set; }

    /// <summary>The services, as they are configured.</summary>
    public IReadOnlyList<OutputReading> Outputs => [.. _policies.Zip(_counts, (policy, count) => new OutputReading(policy, count))];

    /// <summary>Has the programs hold back what has to be agreed on.</summary>
    public void Begin() => programs.SetAgreeing([.. _policies.Select(p => p == OutputPolicy.Agree)]);

    /// <summary>Whose output reaches the clients of a service.</summary>
    public OutputPolicy PolicyOf(int service) => _policies[service];

    /// <summary>Changes it, for the connections that are open, too, from the next look on.</summary>
    public void SetPolicy(int service, OutputPolicy policy)
    {
        _policies[service] = policy;
        Begin();
    }

    /// <summary>Connections of which an earlier process had told the nodes that their clients hear several.</summary>
    public void Inherit(IEnumerable<FlowKey> keys)
    {
        foreach (var key in keys)
        {
            if (recordings.Find(key) is { } flow)
            {
                (flow.Voices, flow.IsMerging, flow.Untold) = (0, true, (1u << recordings.Nodes) - 1);
                _wasHot = true;
            }
        }
    }

    /// <summary>The nodes of a connection contradict one another where they have to agree.</summary>
    public void Contest(RecordedFlow flow)
    {
        NoteContest(flow);
        Review(flow);
    }

    /// <summary>The active node of a connection has waited for the others for too long.</summary>
    public void GiveUpWaiting(RecordedFlow flow)
    {
        (flow.IsLate, flow.LateFrom) = (true, null);
        Review(flow);
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
            if (flow.IsLate)
            {
                LookWhetherCaughtUp(flow);
            }
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
        var policy = PolicyOf(flow);
        var nodes = policy == OutputPolicy.Silent ? 0 : recordings.VoicesOf(flow);
        if ((nodes != 0 || policy == OutputPolicy.Agree) && flow.Origin == active && active >= 0 && flow.Unshared < MostRefusals)
        {
            recordings.Share(flow);
            desk.Opened(flow);
        }
        var isShared = active >= 0 && flow.Shares[active] is { IsKnown: true, IsLost: false };
        nodes = isShared ? nodes : 0;
        flow.IsLate &= nodes == 0 || nodes == flow.Voices;
        var contradicts = recordings.DifferingOf(flow) & (flow.Voices ?? 0);
        var mode = ModeOf(flow, policy, nodes);
        Set(flow, active, nodes, mode, isHeldBack: policy == OutputPolicy.Agree);
        if (flow.Voices is not null)
        {
            Tell(flow, active, nodes);
        }
        if (active >= 0 && (flow.IsContradicted || (mode == VoiceMode.Nobody ? isShared : contradicts != 0 && (programs.FirstOf(flow.Key, flow.ClientIsn) & contradicts) != 0)))
        {
            End(flow, active);
        }
    }

    /// <summary>A connection is over.</summary>
    public void Forget(RecordedFlow flow) => programs.Remove(flow.Key);

    private bool IsInUse => _wasHot || Array.Exists(_policies, p => p != OutputPolicy.Silent);

    private OutputPolicy PolicyOf(RecordedFlow flow) => serviceOf(flow) is var service && service < _policies.Length ? _policies[service] : OutputPolicy.Silent;

    private VoiceMode ModeOf(RecordedFlow flow, OutputPolicy policy, uint nodes)
    {
        if (policy != OutputPolicy.Agree)
        {
            return VoiceMode.First;
        }
        if (recordings.DifferingOf(flow) != 0)
        {
            NoteContest(flow);
        }
        if (flow.IsContested)
        {
            return services[serviceOf(flow)].Carries ? VoiceMode.Active : VoiceMode.Nobody;
        }
        if (!flow.IsLate && (nodes != 0 || IsAwaited(flow)))
        {
            return VoiceMode.Agreed;
        }
        // A connection that its node does not share cannot be ended in its name.
        return fallback == AgreementFallback.Active || flow.Unshared >= MostRefusals ? VoiceMode.Active : VoiceMode.Nobody;
    }

    private void NoteContest(RecordedFlow flow)
    {
        Contests += flow.IsContested ? 0 : 1;
        flow.IsContested = true;
    }

    /// <summary>Is a node to be heard soon that is not heard yet?</summary>
    private bool IsAwaited(RecordedFlow flow)
    {
        for (var node = 0; node < recordings.Nodes; node++)
        {
            if (node != recordings.Assignment.Active && recordings.Assignment.IsReplica(node) && (flow.Shares[node].IsReplica || recordings.IsMaking(flow, node, NowNs)))
            {
                return true;
            }
        }
        return false;
    }

    /// <param name="isHeldBack">The programs hold its output back by themselves until they are told.</param>
    private void Set(RecordedFlow flow, int active, uint nodes, VoiceMode mode, bool isHeldBack)
    {
        var isUntold = flow.Voices is null && !flow.IsLate && nodes == 0 && mode == (isHeldBack ? VoiceMode.Agreed : VoiceMode.First);
        if (isUntold || (nodes == flow.Voices && mode == flow.Mode && (mode == VoiceMode.First || active == flow.VoicedUnder)))
        {
            return;
        }
        (flow.Voices, flow.Mode, flow.VoicedUnder) = (nodes, mode, active);
        _wasHot |= nodes != 0;
        programs.Set(flow.Key, new Voice { ClientIsn = flow.ClientIsn, Nodes = nodes, Mode = mode }, active);
        if (nodes != 0 && !flow.IsMerging)
        {
            flow.IsMerging = true;
            programs.Begin(flow.Key, flow.ClientIsn, flow.Window.SequenceOf(flow.Shares[active].Confirmed));
        }
    }

    /// <summary>Those who were late have caught up when they have said what the active node had said at the last look.</summary>
    private void LookWhetherCaughtUp(RecordedFlow flow)
    {
        var active = recordings.Assignment.Active;
        if (active < 0 || flow.Voices is not { } voices || voices == 0 || !programs.TryRead(flow.Key, flow.ClientIsn, out var merge))
        {
            return;
        }
        var hasCaughtUp = flow.LateFrom is not null;
        for (var node = 0; node < recordings.Nodes; node++)
        {
            if ((voices & (1u << node)) != 0)
            {
                hasCaughtUp &= (merge.Known & (1u << node)) != 0 && unchecked((int)(merge.Sides[node].Sent - flow.LateFrom.GetValueOrDefault())) >= 0;
            }
        }
        flow.LateFrom = merge.Sides[active].Sent;
        flow.IsLate = !hasCaughtUp;
    }

    /// <summary>
    /// The client has been given something by a node that says other things than the active one: where in the stream, nobody knows
    /// exactly. Or its nodes do not agree, and nobody knows who is right. A wrong byte is worse than a broken connection.
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
