using Appliance.Bpf.Layout;

namespace Appliance.Gateway.Recording;

/// <summary>Whom clients hear, as the gateway's programs have it.</summary>
public interface IVoices
{
    /// <summary>From now on the client hears these nodes besides the active one.</summary>
    void Set(in FlowKey key, in Voice voice);

    /// <summary>Mask of the nodes that were first with anything that the client was given.</summary>
    uint FirstOf(in FlowKey key, uint clientIsn);

    /// <summary>The active node's next close passes without its replica's.</summary>
    void LetClose(in FlowKey key);

    /// <summary>The connection is over.</summary>
    void Remove(in FlowKey key);

    /// <summary>Has the active node, which has received all below a sequence number, speak: with that the merging begins.</summary>
    void Begin(in FlowKey key, uint clientIsn, uint received);
}
