using Appliance.Bench.Measure;

namespace Appliance.Bench.Comparison;

/// <summary>What was measured in one turn.</summary>
/// <param name="Round">Counts the rounds from 1.</param>
/// <param name="Comparison">As it is configured.</param>
/// <param name="Down">One download at full speed.</param>
/// <param name="RequestsPerSecond">Of all connections.</param>
/// <param name="RequestBpf">CPU seconds of all BPF programs of gateway and nodes per request.</param>
/// <param name="GatewayCpu">CPU seconds per second of the gateway's program during the requests.</param>
/// <param name="BackupCpu">The same of all programs of the backup node.</param>
/// <param name="Lost">Connections that were lost.</param>
/// <param name="BytesCorrupted">Wrong bytes.</param>
public sealed record ComparisonRun(
    int Round, string Comparison, StreamSpeed Down, double RequestsPerSecond, double RequestBpf, double GatewayCpu, double BackupCpu, int Lost, long BytesCorrupted);
