using Appliance.Bpf.Layout;
using Appliance.Gateway.DataPath;
using Appliance.Gateway.Recording.Voting;
using Appliance.Native;

namespace Appliance.Gateway.Recording;

/// <summary>Whom clients hear, in the programs' maps. The recorder's thread owns it.</summary>
internal sealed class ProgramVoices(GatewayDataPath dataPath, ServerProbe probe, OutputVotingThread voting) : IVoices
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
    public void SetAgreeing(IReadOnlyList<bool> services) => dataPath.SetAgreeing(services);

    /// <inheritdoc/>
    public void Set(in FlowKey key, in Voice voice, int active)
    {
        // What is held back must find the voters asked, and who hears the active node alone must not be held back any more.
        if (voice.Mode is VoiceMode.Agreed or VoiceMode.Nobody)
        {
            Ask(key, voice, active);
        }
        if (_keys.Add(key))
        {
            dataPath.Merges.Set(key, default);
        }
        dataPath.Voices.Set(key, voice);
        dataPath.Voiced = (uint)_keys.Count;
        if (voice.Mode is VoiceMode.First or VoiceMode.Active)
        {
            Ask(key, voice, active);
        }
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
        voting.Forget(key);
    }

    /// <inheritdoc/>
    public uint FirstOf(in FlowKey key, uint clientIsn) => TryRead(key, clientIsn, out var merge) ? merge.First : 0;

    /// <inheritdoc/>
    public bool TryRead(in FlowKey key, uint clientIsn, out Merge merge) => dataPath.Merges.TryGet(key, out merge) && merge.ClientIsn == clientIsn;

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

    private void Ask(in FlowKey key, in Voice voice, int active)
    {
        var voters = voice.Nodes == 0 || active < 0 ? 0 : voice.Nodes | (1u << active);
        voting.Ask(key, voice.ClientIsn, voice.Mode, voters, active);
    }
}
