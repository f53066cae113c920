namespace Appliance.Bench.Recorder;

/// <summary>Everything that the bench has measured.</summary>
public sealed record RecorderResults(
    IReadOnlyList<LossRun> Losses,
    IReadOnlyList<ForwardRun> Forwarding,
    IReadOnlyList<StoreRun> Store,
    IReadOnlyList<LateJoinRun> LateJoins,
    IReadOnlyList<SegmentCost> Segments);
