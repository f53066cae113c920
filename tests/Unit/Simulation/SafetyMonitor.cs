using Appliance.ControlPlane;

namespace Appliance.Tests.Unit.Simulation;

/// <summary>Sees everything that happens, and objects to what must never happen.</summary>
internal sealed class SafetyMonitor(SimulationRun simulation)
{
    private readonly ulong[] _spoken = new ulong[simulation.Settings.Nodes];
    private readonly ulong[] _excluded = new ulong[simulation.Settings.Nodes];
    private readonly ulong[] _wholeSince = new ulong[simulation.Settings.Nodes];
    private Assignment _fence = Assignment.None;
    private ulong _preparedEpoch;
    private ulong _heardEpoch;
    private int _heardNode = -1;

    /// <summary>The gateway has prepared an assignment.</summary>
    public void OnPrepared(in Assignment assignment) => _preparedEpoch = assignment.Epoch;

    /// <summary>The fence has turned.</summary>
    public void OnFence(in Assignment assignment)
    {
        if (assignment.Epoch <= _fence.Epoch)
        {
            simulation.Fail($"the fence turns from epoch {_fence.Epoch} to {assignment.Epoch}");
        }
        _fence = assignment;
        if (assignment.Epoch == _preparedEpoch && _spoken[assignment.Active] != assignment.Epoch)
        {
            simulation.Fail($"the fence turns to node{assignment.Active}, prepared for epoch {assignment.Epoch}, which never spoke under it");
        }
        for (var i = 0; i < _excluded.Length; i++)
        {
            _excluded[i] = i == assignment.Active || assignment.IsReplica(i) ? _excluded[i] : assignment.Epoch;
        }
    }

    /// <summary>A node obeys an order; <paramref name="before"/> is what it obeyed until now.</summary>
    public void OnObeyed(int node, ulong before, in Message order)
    {
        if (order.Epoch < before)
        {
            simulation.Fail($"node{node} obeys epoch {order.Epoch} after {before}");
        }
        if (order.Role == NodeRole.Active)
        {
            _spoken[node] = order.Epoch;
            if (_excluded[node] > _wholeSince[node] && _excluded[node] <= order.Epoch)
            {
                simulation.Fail($"node{node} holds the service under epoch {order.Epoch} with replicas that got no copies in epoch {_excluded[node]}");
            }
        }
    }

    /// <summary>A node has forgotten its replicas: it is to receive every copy since an epoch.</summary>
    public void OnFlushed(int node, ulong since) => _wholeSince[node] = since;

    /// <summary>
    /// A process of the gateway has started: who has missed copies without having been told of it was known to the one before
    /// it, and is not kept.
    /// </summary>
    public void OnGatewayStarted()
    {
        if (simulation.Mutation != Mutation.RemembersMissedCopies)
        {
            Array.Clear(_excluded);
        }
    }

    /// <summary>A node's agent has started: it has no replicas.</summary>
    public void OnStarted(int node) => OnFlushed(node, _fence.Epoch);

    /// <summary>Who is heard, now?</summary>
    public void Check()
    {
        var epoch = simulation.Fence.Assignment.Epoch;
        var voices = 0;
        foreach (var node in simulation.Nodes)
        {
            if (!node.HasVoice || !simulation.Fence.Passes(node.Index))
            {
                continue;
            }
            if (++voices > 1)
            {
                simulation.Fail($"two nodes are heard under epoch {epoch}");
            }
            if (epoch < _heardEpoch || (epoch == _heardEpoch && node.Index != _heardNode))
            {
                simulation.Fail($"node{node.Index} is heard under epoch {epoch} after node{_heardNode} was under epoch {_heardEpoch}");
            }
            (_heardEpoch, _heardNode) = (epoch, node.Index);
        }
        simulation.Gateway.CheckDeadline();
    }
}
