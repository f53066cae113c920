namespace Appliance.Node.Servers;

/// <summary>Remembers how the attempts of the probes went. A plain data structure: no clock, no network.</summary>
/// <param name="mostFailures">Per probe: so many in a row, and it fails.</param>
public sealed class ProbeLedger(IReadOnlyList<int> mostFailures)
{
    private readonly int[] _failures = new int[mostFailures.Count];

    /// <summary>Does any probe fail?</summary>
    public bool IsFailing => _failures.Where((failures, probe) => failures >= mostFailures[probe]).Any();

    /// <summary>Takes in an attempt; one that succeeds makes good for all before.</summary>
    /// <returns>True when the probe fails from now on, or not any more.</returns>
    public bool Note(int probe, bool isGood)
    {
        var failed = _failures[probe] >= mostFailures[probe];
        _failures[probe] = isGood ? 0 : Math.Min(_failures[probe] + 1, mostFailures[probe]);
        return failed != _failures[probe] >= mostFailures[probe];
    }
}
