using Appliance.Lab.Topology;

namespace Appliance.Lab.Demo.Workloads;

/// <summary>An ordinary server on both nodes, and the clients that use it.</summary>
internal interface IDemoWorkload
{
    /// <summary>What runs on the nodes, for people.</summary>
    string Description { get; }

    /// <summary>Checks that everything needed is installed.</summary>
    /// <exception cref="LabException">Something is missing; the message holds the remedy.</exception>
    void Check();

    /// <summary>Gives both nodes the same data and starts the server on both.</summary>
    Task StartServersAsync(Laboratory lab, IProgress<string> progress, CancellationToken cancellation);

    /// <summary>Starts the server again on a node that was healed, with the data of the other one.</summary>
    Task RestartServerAsync(Laboratory lab, LabHost healed, CancellationToken cancellation);

    /// <summary>Starts the clients.</summary>
    IDemoTraffic StartTraffic(Laboratory lab, RoundPlan plan);
}
