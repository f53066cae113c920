namespace Appliance.Bpf.Layout;

/// <summary>enum handshake_flag.</summary>
[Flags]
public enum HandshakeFlags : ushort
{
    None = 0,
    Syn = 1 << 0,
    SynAck = 1 << 1,
    ClientWscale = 1 << 2,
    ClientSack = 1 << 3,
    ClientTimestamp = 1 << 4,
    ClientEcn = 1 << 5,
    ServerWscale = 1 << 6,
    ServerSack = 1 << 7,
    ServerTimestamp = 1 << 8,
    ServerEcn = 1 << 9,
    Signed = 1 << 10,
    Original = 1 << 11,
}
