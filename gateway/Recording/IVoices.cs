using Appliance.Bpf.Layout;

namespace Appliance.Gateway.Recording;

/// <summary>Whom clients hear, as the gateway's programs have it.</summary>
public interface IVoices
{
    /// <summary>Mask of the services whose output waits, from a connection's first byte on, until nodes agree; by index, at most 256.</summary>
    void SetAgreeing(IReadOnlyList<bool> services);

    /// <summary>From now on these nodes are heard besides the active one, and so much of what they say passes.</summary>
    /// <param name="active">Index of the active node, or -1.</param>
    void Set(in FlowKey key, in Voice voice, int active);

    /// <summary>Mask of the nodes that were first with anything that the client was given.</summary>
    uint FirstOf(in FlowKey key, uint clientIsn);

    /// <summary>What is known of what each node has said; false while nothing is.</summary>
    bool TryRead(in FlowKey key, uint clientIsn, out Merge merge);

    /// <summary>The active node's next close passes without its replica's.</summary>
    void LetClose(in FlowKey key);

    /// <summary>The connection is over.</summary>
    void Remove(in FlowKey key);

    /// <summary>Has the active node, which has received all below a sequence number, speak: with that the merging begins.</summary>
    void Begin(in FlowKey key, uint clientIsn, uint received);
}
