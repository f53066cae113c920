namespace Appliance.Lab.Faults;

/// <summary>The list of a lab's faults.</summary>
public static class FaultHistory
{
    /// <summary>Adds a fault. A new loss of copies takes the place of the one before: there is one set of rules.</summary>
    public static IReadOnlyList<FaultRecord> Add(IReadOnlyList<FaultRecord> history, FaultRecord record)
    {
        var earlier = record.Fault == FaultKind.TapLoss
            ? history.Select(fault => fault.Fault == FaultKind.TapLoss ? fault with { Active = false } : fault)
            : history;
        return [.. earlier, record];
    }
}
