using Appliance.Lab.Daemons;
using Appliance.Lab.Topology;

namespace Appliance.Lab;

/// <summary>How to make a lab. What is null is left to the configuration file, and else to the defaults.</summary>
public sealed record LabOptions
{
    /// <summary>The lab's name; labs of different names exist side by side.</summary>
    public string Name { get; init; } = LabNames.Default;

    /// <summary>A YAML file that is laid over the gateway's configuration.</summary>
    public string? ConfigurationFile { get; init; }

    /// <summary>A YAML file that is laid over both nodes' configuration.</summary>
    public string? NodeConfigurationFile { get; init; }

    /// <summary>Whose output reaches clients (default: silent).</summary>
    public OutputPolicy? Output { get; init; }

    /// <summary>Interval of the heartbeats (default: 10 ms).</summary>
    public TimeSpan? Heartbeat { get; init; }

    /// <summary>Silence after which a node is suspected (default: 30 ms).</summary>
    public TimeSpan? DetectionTimeout { get; init; }

    /// <summary>False makes the network only: for plain forwarding and other products as a baseline.</summary>
    public bool WithDaemons { get; init; } = true;

    /// <summary>The directory of the built programs, one directory per project (default: the one this tool is part of).</summary>
    public string? Programs { get; init; }

    /// <summary>How long to wait for the appliance to become ready.</summary>
    public TimeSpan ReadyTimeout { get; init; } = TimeSpan.FromSeconds(20);
}
