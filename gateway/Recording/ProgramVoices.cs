using Appliance.Bpf.Layout;
using Appliance.Gateway.DataPath;
using Appliance.Native;

namespace Appliance.Gateway.Recording;

/// <summary>Whom clients hear, in the programs' maps. The recorder's thread owns it.</summary>
internal sealed class ProgramVoices(GatewayDataPath dataPath, ServerProbe probe) : IVoices
{
    private readonly HashSet<FlowKey> _keys = [];

    /// <summary>Takes over what an earlier process has left; what clients were given goes on to count, and who is heard is decided anew.</summary>
    /// <returns>The connections that are concerned.</returns>
    public IReadOnlyCollection<FlowKey> Inherit()
    {
        var keys = new List<FlowKey>();
        var voices = new List<Voice>();
        dataPath.Voices.CopyTo(keys, voices);
        for (var i = 0; i < keys.Count; i++)
        {
            dataPath.Voices.Set(keys[i], voices[i] with { Nodes = 0 });
            _keys.Add(keys[i]);
        }
        dataPath.Voiced = (uint)_keys.Count;
        return _keys;
    }

    /// <inheritdoc/>
    public void Set(in FlowKey key, in Voice voice)
    {
        if (_keys.Add(key))
        {
            dataPath.Merges.Set(key, default);
        }
        dataPath.Voices.Set(key, voice);
        dataPath.Voiced = (uint)_keys.Count;
    }

    /// <inheritdoc/>
    public void Remove(in FlowKey key)
    {
        if (_keys.Remove(key))
        {
            dataPath.Voices.Remove(key);
            dataPath.Merges.Remove(key);
            dataPath.Voiced = (uint)_keys.Count;
        }
    }

    /// <inheritdoc/>
    public uint FirstOf(in FlowKey key, uint clientIsn) => dataPath.Merges.TryGet(key, out var merge) && merge.ClientIsn == clientIsn ? merge.First : 0;

    /// <inheritdoc/>
    public void LetClose(in FlowKey key) => dataPath.Ungated.Set(key, MonotonicClock.Now);

    /// <inheritdoc/>
    public void Begin(in FlowKey key, uint clientIsn, uint received)
    {
        if (dataPath.Flows.TryGet(key, out var flow) && flow.Handshake.ClientIsn == clientIsn)
        {
            probe.Send(key, flow, received);
        }
    }
}
