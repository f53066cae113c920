namespace Appliance.Gateway.Recording.Store;

/// <summary>What a restarted gateway must know before it orders anything.</summary>
/// <param name="EpochCeiling">No higher epoch was ordered: epochs are reserved ahead.</param>
/// <param name="Epoch">The epoch in force.</param>
/// <param name="Active">Index of the active node; −1 for none.</param>
/// <param name="Replicas">Nodes that get copies, one bit each.</param>
/// <param name="Drained">Nodes that an operator keeps out, one bit each.</param>
public readonly record struct SavedControl(ulong EpochCeiling, ulong Epoch, sbyte Active, byte Replicas, byte Drained = 0);
