using Appliance.Bpf.Layout;

namespace Appliance.Gateway.Recording.Store;

/// <summary>A connection as the store holds it.</summary>
/// <param name="Key">Its ends.</param>
/// <param name="Handshake">Its handshake; times are CLOCK_MONOTONIC of the boot that saw it.</param>
/// <param name="Start">Bytes below this offset were not needed any more.</param>
/// <param name="Pieces">In the order of their offsets, without overlaps; there may be gaps.</param>
public sealed record SavedFlow(FlowKey Key, Handshake Handshake, long Start, IReadOnlyList<SavedPiece> Pieces);
