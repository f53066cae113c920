using Appliance.Bench.Forwarding;

namespace Appliance.Bench.Throughput;

/// <summary>One stream over one path for a few seconds. CPU is in seconds per gigabyte (10⁹ bytes) moved.</summary>
public sealed record ThroughputRun
{
    /// <summary>Counts the rounds from 1.</summary>
    public required int Round { get; init; }

    /// <summary>The path.</summary>
    public required ForwardingPath Path { get; init; }

    /// <summary>The direction.</summary>
    public required StreamDirection Direction { get; init; }

    /// <summary>Payload that the client counted, in Gbit/s.</summary>
    public required double GbitPerSecond { get; init; }

    /// <summary>The traffic server on node 1.</summary>
    public required double ServerCpu { get; init; }

    /// <summary>The agent on node 1; 0 without the appliance.</summary>
    public required double PrimaryAgentCpu { get; init; }

    /// <summary>The agent on node 2 and the copy of the server there; 0 without the appliance.</summary>
    public required double BackupCpu { get; init; }

    /// <summary>The gateway's program or HAProxy; 0 for plain forwarding.</summary>
    public required double ForwarderCpu { get; init; }

    /// <summary>The traffic client.</summary>
    public required double ClientCpu { get; init; }

    /// <summary>The whole machine's interrupts and soft interrupts.</summary>
    public required double InterruptCpu { get; init; }

    /// <summary>The whole machine's kernel time outside interrupts.</summary>
    public required double SystemCpu { get; init; }

    /// <summary>Everything on the machine that was not idle.</summary>
    public required double BusyCpu { get; init; }

    /// <summary>Share of the machine's time that the hypervisor took away, 0 to 1.</summary>
    public required double Steal { get; init; }

    /// <summary>How often node 2 was asked for its replica; 0 without the appliance.</summary>
    public int Looks { get; init; }

    /// <summary>How often the stream had one.</summary>
    public int LooksWithReplica { get; init; }

    /// <summary>How often that was in step at the instant of looking.</summary>
    public int LooksInStep { get; init; }

    /// <summary>Replicas given up during the run.</summary>
    public int Diverged { get; init; }
}
