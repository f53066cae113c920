namespace Appliance.Bench.Order;

/// <summary>One crash under clients that count together.</summary>
public sealed record OrderRun
{
    /// <summary>Answers per second before the crash.</summary>
    public required double Rate { get; init; }

    /// <summary>Connections of which the gateway knew before the crash that their replica differed.</summary>
    public required int KnownBefore { get; init; }

    /// <summary>Connections whose clients were reset after the crash.</summary>
    public required int Reset { get; init; }

    /// <summary>Connections that were neither reset nor answered in the end.</summary>
    public required int Stuck { get; init; }

    /// <summary>Connections that were closed, in good order, before an answer.</summary>
    public required int Closed { get; init; }

    /// <summary>Answers that were none.</summary>
    public required int Malformed { get; init; }

    /// <summary>Numbers that two clients were given whose connections both went on, or one that had a greater one.</summary>
    public required int Repeated { get; init; }

    /// <summary>
    /// Numbers that two clients were given of whom one at most went on: the dead server gave it to the one, and the survivor, which had executed
    /// concurrent requests in another order, to the other. No connection shows that until the answers have passed.
    /// </summary>
    public required int RepeatedAfterReset { get; init; }

    /// <summary>How far the replica's server was behind the active one: median and worst of some looks, in milliseconds of its work.</summary>
    public required double? LagMs { get; init; }

    /// <summary>The worst of them.</summary>
    public required double? WorstLagMs { get; init; }

    /// <summary>The longest wait for an answer of a connection that was carried on.</summary>
    public required double WorstGapMs { get; init; }

    /// <summary>Connections that went on.</summary>
    public int Carried => OrderScenario.Clients - Ended;

    /// <summary>Connections that were lost although nobody had known before the crash that their replica differed.</summary>
    public int Unknown => Math.Max(0, Ended - KnownBefore);

    private int Ended => Reset + Stuck + Closed;
}
