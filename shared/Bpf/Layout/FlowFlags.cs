namespace Appliance.Bpf.Layout;

/// <summary>enum flow_flag.</summary>
[Flags]
public enum FlowFlags : uint
{
    None = 0,
    ClientFin = 1 << 0,
    ServerFin = 1 << 1,
    ClientRst = 1 << 2,
    ServerRst = 1 << 3,
    HeldFin = 1 << 4,
    HeldRst = 1 << 5,
    Merged = 1 << 6,
}
