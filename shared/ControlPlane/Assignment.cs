using Appliance.Bpf.Layout;

namespace Appliance.ControlPlane;

/// <summary>Who holds the service under an epoch, and who replicates. Nodes are known by their index.</summary>
/// <param name="Epoch">Grows with every change; nodes obey the highest only.</param>
/// <param name="Active">Index of the active node, or -1.</param>
/// <param name="Replicas">Bit mask of the replicas.</param>
public readonly record struct Assignment(ulong Epoch, int Active, byte Replicas)
{
    /// <summary>Nobody holds the service.</summary>
    public static Assignment None { get; } = new(0, -1, 0);

    /// <summary>The word that the gateway's programs read: epoch &lt;&lt; 16 | replicas &lt;&lt; 8 | active.</summary>
    public ulong Word => (Epoch << 16) | ((ulong)Replicas << 8) | (Active < 0 ? GatewayState.NoNode : (byte)Active);

    /// <summary>The assignment that <see cref="Word"/> stands for.</summary>
    public static Assignment FromWord(ulong word) =>
        new(word >> 16, (byte)word == GatewayState.NoNode ? -1 : (byte)word, (byte)(word >> 8));

    /// <summary>The role of node <paramref name="index"/>.</summary>
    public NodeRole RoleOf(int index) => index == Active ? NodeRole.Active : NodeRole.Replica;

    /// <summary>Does node <paramref name="index"/> receive copies?</summary>
    public bool IsReplica(int index) => (Replicas & (1 << index)) != 0;
}
