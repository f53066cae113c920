using Appliance.Lab.Faults;

namespace Appliance.Bench.Failover;

/// <summary>What is on the wire when the primary fails, and how it fails.</summary>
/// <param name="Name">As tables call it.</param>
/// <param name="Key">As programs call it.</param>
/// <param name="Echo">Echo connections.</param>
/// <param name="Downloads">Streams from the server at full speed.</param>
/// <param name="Uploads">Streams to the server at full speed.</param>
/// <param name="StreamBytes">Length of each stream.</param>
public sealed record CrashScenario(string Name, string Key, int Echo, int Downloads, int Uploads, long StreamBytes)
{
    /// <summary>Echo messages per second over all connections that the traffic client aims at.</summary>
    private const double MessagesPerSecond = 5_000;

    /// <summary>The failure of node1; null for a planned switchover.</summary>
    public FaultKind? Fault { get; init; } = FaultKind.Crash;

    /// <summary>Nothing fails: what the machine does to the waits by itself.</summary>
    public bool IsControl { get; init; }

    /// <summary>Between two heartbeats.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Rounds in which it takes part; in a campaign of more, it rests.</summary>
    public int MostRuns { get; init; } = 20;

    /// <summary>Silence after which a node is suspected, in heartbeats.</summary>
    public double MostMissed { get; init; } = 3;

    /// <summary>A failover takes seconds: the lease has to outlast it, and the bench waits for it.</summary>
    public bool IsSlow => Heartbeat >= TimeSpan.FromSeconds(1);

    /// <summary>Connections of all kinds.</summary>
    public int Connections => Echo + Downloads + Uploads;

    /// <summary>Time in which every echo connection has its turn, in milliseconds.</summary>
    public double RoundMs => Math.Max(20, Echo / MessagesPerSecond * 1000);

    /// <summary>The traffic client's arguments.</summary>
    public string[] Arguments =>
    [
        "--connections", $"{Echo}", "--downloads", $"{Downloads}", "--uploads", $"{Uploads}", "--stream-bytes", $"{StreamBytes}",
        .. Echo > 0 ? ["--wait-stop"] : (string[])[],
    ];

    /// <summary>Connections that send messages and get them back.</summary>
    public static CrashScenario EchoOf(int connections) => new($"{connections:#,##0} echo", $"echo{connections}", connections, 0, 0, 0)
    {
        MostRuns = connections == 1000 ? int.MaxValue : 20,
    };

    /// <summary>A thousand echo connections and another failure than a crash.</summary>
    public static CrashScenario Thousand(string failure, string key, FaultKind? fault) =>
        EchoOf(1000) with { Name = $"1,000 echo, {failure}", Key = key, Fault = fault };

    /// <summary>The paper's table 1: a crash with heartbeats so many seconds apart, suspected as early as can be.</summary>
    public static CrashScenario Slow(int seconds) =>
        Thousand($"crash, heartbeat {seconds} s", $"slow{seconds}", FaultKind.Crash) with { Heartbeat = TimeSpan.FromSeconds(seconds), MostMissed = 1.5, MostRuns = 5 };

    /// <summary>One download at full speed.</summary>
    public static CrashScenario Download(long bytes) => new("download", "download", 0, 1, 0, bytes);

    /// <summary>One upload at full speed.</summary>
    public static CrashScenario Upload(long bytes) => new("upload", "upload", 0, 0, 1, bytes);
}
