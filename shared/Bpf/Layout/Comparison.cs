namespace Appliance.Bpf.Layout;

/// <summary>enum comparison: how much of what both nodes say is compared. In the programs a byte.</summary>
public enum Comparison : byte
{
    /// <summary>Everything up to some 20 MB/s of a connection; of what is more, a part.</summary>
    Samples,

    /// <summary>Everything, as long as the nodes are near one another.</summary>
    All,

    /// <summary>Nothing.</summary>
    Nothing,
}
