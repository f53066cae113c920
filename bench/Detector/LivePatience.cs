namespace Appliance.Bench.Detector;

/// <summary>A lab in which nothing fails: whenever roles change, a living node was suspected.</summary>
/// <param name="Minutes">How long.</param>
/// <param name="BusyPercent">How busy the processors were, of all there are.</param>
/// <param name="StealPercent">Of that, what the hypervisor took away.</param>
/// <param name="Suspicions">Changes of roles, a suspect's return included.</param>
/// <param name="Connections">Connections, each with its echo.</param>
/// <param name="Lost">Of them.</param>
/// <param name="BytesCorrupted">Bytes that came back wrong.</param>
/// <param name="BytesVerified">Bytes that came back right.</param>
/// <param name="WorstGapMs">The longest wait for an answer, in milliseconds.</param>
public sealed record LivePatience(
    double Minutes, double BusyPercent, double StealPercent, int Suspicions, int Connections, int Lost, long BytesCorrupted, long BytesVerified, double WorstGapMs);
