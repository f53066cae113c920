namespace Appliance.Node;

/// <summary>How far this node's end of a connection is; sequence numbers in host byte order, those of the other node where it is a replica that has answered less.</summary>
/// <param name="IsGone">There is none any more.</param>
/// <param name="IsReplica">The rest is known.</param>
/// <param name="Differs">It says something else than its original, and may say more or less.</param>
/// <param name="Sent">After the highest byte that it has sent.</param>
/// <param name="Heard">Up to where copies of its client's segments have come here.</param>
public readonly record struct Standing(bool IsGone, bool IsReplica, bool Differs, uint Sent, uint Heard);
