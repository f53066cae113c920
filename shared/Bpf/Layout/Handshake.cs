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

    /// <summary>Of the SYN-ACK, where windows are never scaled (RFC 7323 section 2.2).</summary>
    public ushort ServerWindow;
    private readonly uint _reserved;

    /// <summary>Have both the SYN and the SYN-ACK been seen?</summary>
    public readonly bool IsComplete => (Flags & (HandshakeFlags.Syn | HandshakeFlags.SynAck)) == (HandshakeFlags.Syn | HandshakeFlags.SynAck);
}
