using Appliance.Bpf.Layout;
using Appliance.Gateway.DataPath;

namespace Appliance.Gateway.Recording;

/// <summary>The windows that clients see, in the programs' maps. The recorder's thread owns it.</summary>
public sealed class ClientWindows(GatewayDataPath dataPath, ServerProbe probe) : IClientWindows
{
    private readonly HashSet<FlowKey> _narrowed = [];

    /// <summary>Lifts what an earlier process has left.</summary>
    public void WidenAll()
    {
        var keys = new List<FlowKey>();
        dataPath.Limits.CopyTo(keys, []);
        keys.ForEach(key => dataPath.Limits.Remove(key));
        _narrowed.Clear();
        dataPath.Limited = 0;
    }

    /// <inheritdoc/>
    public bool TryFind(in FlowKey key, out Flow flow) => dataPath.Flows.TryGet(key, out flow);

    /// <inheritdoc/>
    public void Narrow(in FlowKey key, in Limit limit)
    {
        dataPath.Limits.Set(key, limit);
        _narrowed.Add(key);
        dataPath.Limited = (uint)_narrowed.Count;
    }

    /// <inheritdoc/>
    public void Widen(in FlowKey key)
    {
        dataPath.Limits.Remove(key);
        _narrowed.Remove(key);
        dataPath.Limited = (uint)_narrowed.Count;
    }

    /// <inheritdoc/>
    public void Tell(in FlowKey key, in Flow flow, uint received, bool all = false) => probe.Send(key, flow, received, all);
}
