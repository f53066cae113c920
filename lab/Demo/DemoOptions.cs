using Appliance.Lab.Faults;
using Appliance.Lab.Traffic.Client;

namespace Appliance.Lab.Demo;

/// <summary>What to demonstrate.</summary>
public sealed record DemoOptions
{
    /// <summary>Name of the demonstration's lab when none is given.</summary>
    public const string DefaultName = "demo";

    /// <summary>The most rounds of one demonstration.</summary>
    public const int MaxRepeat = 1000;

    /// <summary>The server that dies.</summary>
    public DemoServer Server { get; init; }

    /// <summary>Client connections besides a fixed download and upload of the echo server; null leaves it to the server.</summary>
    public int? Connections { get; init; }

    /// <summary>How the server's machine dies: crash or cut.</summary>
    public FaultKind Fault { get; init; } = FaultKind.Crash;

    /// <summary>Interval of the heartbeats.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Silence after which a node is suspected.</summary>
    public TimeSpan DetectionTimeout { get; init; } = TimeSpan.FromMilliseconds(30);

    /// <summary>Whether clients use the service's IPv6 address.</summary>
    public bool IPv6 { get; init; }

    /// <summary>How many servers die, one after the other.</summary>
    public int Repeat { get; init; } = 1;

    /// <summary>Chooses content and moments; the same seed makes the same plan.</summary>
    public int Seed { get; init; }

    /// <summary>Name of the lab.</summary>
    public string Name { get; init; } = DefaultName;

    /// <summary>Whether the lab stays after the report.</summary>
    public bool Keep { get; init; }

    /// <summary>The number of connections in force.</summary>
    public int EffectiveConnections => Connections ?? Server switch
    {
        DemoServer.Echo => 200,
        DemoServer.Nginx => 4,
        _ => 8,
    };

    /// <summary>The most connections that the server's traffic can have.</summary>
    private int MaxConnections => Server switch
    {
        DemoServer.Echo => TrafficClientOptions.MaxEchoConnections,
        DemoServer.Nginx => 200,
        _ => 90,
    };

    /// <summary>Everything that is wrong with the options; empty if nothing is.</summary>
    public IReadOnlyList<string> Validate()
    {
        var errors = new List<string>();
        Require(EffectiveConnections >= 1 && EffectiveConnections <= MaxConnections, $"--connections must be 1 to {MaxConnections} with this server");
        Require(Fault is FaultKind.Crash or FaultKind.Cut, "--fault must be crash or cut");
        Require(Heartbeat > TimeSpan.Zero, "--heartbeat must be positive");
        Require(DetectionTimeout > Heartbeat, "--detection-timeout must be longer than --heartbeat");
        Require(DetectionTimeout <= TimeSpan.FromSeconds(10), "--detection-timeout must not exceed 10s");
        Require(Repeat is >= 1 and <= MaxRepeat, $"--repeat must be 1 to {MaxRepeat}");
        return errors;

        void Require(bool condition, string error)
        {
            if (!condition)
            {
                errors.Add(error);
            }
        }
    }
}
