using Appliance.Bench.Agree;
using Appliance.Bench.Api;
using Appliance.Bench.Alarms;
using Appliance.Bench.Baseline;
using Appliance.Bench.Chaos;
using Appliance.Bench.Compare;
using Appliance.Bench.Comparison;
using Appliance.Bench.Compatibility;
using Appliance.Bench.Detector;
using Appliance.Bench.Failover;
using Appliance.Bench.Footprint;
using Appliance.Bench.Hot;
using Appliance.Bench.Latency;
using Appliance.Bench.Order;
using Appliance.Bench.Recorder;
using Appliance.Bench.Throughput;

namespace Appliance.Bench;

/// <summary>All benches, in the order in which they run.</summary>
public static class BenchCatalog
{
    /// <summary>The benches.</summary>
    public static IReadOnlyList<IBench> All { get; } =
        [new FailoverBench(), new ThroughputBench(), new LatencyBench(), new BaselineBench(), new CompareBench(), new HotBench(), new AgreeBench(), new FootprintBench(), new RecorderBench(), new DetectorBench(), new ApiBench(), new OrderBench(), new ComparisonBench(), new CompatibilityBench(), new AlarmBench(), new ChaosBench()];
}
