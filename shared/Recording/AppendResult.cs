namespace Appliance.Recording;

/// <summary>What became of a segment's bytes. Each counts once; a FIN counts as one byte, as in sequence numbers.</summary>
/// <param name="New">Recorded.</param>
/// <param name="Duplicate">Held already, with the same content.</param>
/// <param name="Conflicting">Not what is held: other content, beyond the recorded FIN, or a FIN in another place. The first copy stays.</param>
/// <param name="Old">Below <see cref="FlowWindow.Start"/>: released or evicted.</param>
/// <param name="Refused">Would be new, but there is no room. Either this or <paramref name="New"/> is 0.</param>
public readonly record struct AppendResult(int New, int Duplicate, int Conflicting, int Old, int Refused);
