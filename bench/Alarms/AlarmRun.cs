using Appliance.Bench.Compatibility;

namespace Appliance.Bench.Alarms;

/// <summary>What happened.</summary>
public sealed record AlarmRun
{
    /// <summary>How long.</summary>
    public required double Seconds { get; init; }

    /// <summary>Orders to change roles.</summary>
    public required int Switchovers { get; init; }

    /// <summary>Crashes of the active node.</summary>
    public required int Crashes { get; init; }

    /// <summary>How often not all connections were protected again in time.</summary>
    public required int Unprotected { get; init; }

    /// <summary>Segments that the client's stack sent again.</summary>
    public required long Retransmissions { get; init; }

    /// <summary>Copies for the replica's node that were lost on purpose.</summary>
    public required long CopiesLost { get; init; }

    /// <summary>What the nodes said of replicas that differ.</summary>
    public required IReadOnlyList<string> Alarms { get; init; }

    /// <summary>What the clients saw.</summary>
    public required LoadResult Load { get; init; }
}
