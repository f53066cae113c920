using System.Runtime.InteropServices;

namespace Appliance.Bpf.Layout;

/// <summary>struct datagram_source: at the gateway, a client's end that sends datagrams to a service.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct DatagramSource
{
    /// <summary>CLOCK_MONOTONIC nanoseconds of the last datagram.</summary>
    public ulong LastNs;

    /// <summary>Number of the next datagram.</summary>
    public uint Next;
    private readonly uint _reserved;
}
