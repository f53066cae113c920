using System.Runtime.InteropServices;

namespace Appliance.Bpf.Layout;

/// <summary>struct handshake: what a connection's SYN and SYN-ACK agreed upon. Host byte order.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct Handshake
{
    public ulong SynackNs;
    public uint ClientIsn;
    public uint ServerIsn;
    public uint SynackTsval;
    public HandshakeFlags Flags;
    public ushort ClientMss;
    public byte ClientWscale;
    public byte ServerWscale;
    private readonly byte _reserved0;
    private readonly byte _reserved1;
    private readonly uint _reserved2;

    /// <summary>Have both the SYN and the SYN-ACK been seen?</summary>
    public readonly bool IsComplete => (Flags & (HandshakeFlags.Syn | HandshakeFlags.SynAck)) == (HandshakeFlags.Syn | HandshakeFlags.SynAck);
}
