namespace Appliance.Bpf.Layout;

/// <summary>enum replica_flag.</summary>
[Flags]
public enum ReplicaFlags : uint
{
    None = 0,
    Confirmed = 1 << 0,
    Waiting = 1 << 1,
    ClientFin = 1 << 2,
    ClientRst = 1 << 3,
    OwnFin = 1 << 4,
    OwnRst = 1 << 5,
    ActiveFin = 1 << 6,
    ActiveRst = 1 << 7,
    Differs = 1 << 8,
    Greeted = 1 << 9,
    Hot = 1 << 10,
    Ordered = 1 << 11,
    Serial = 1 << 12,
}
