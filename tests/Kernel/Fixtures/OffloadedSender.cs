using System.Runtime.InteropServices;
using Appliance.Tests.Support;

namespace Appliance.Tests.Kernel.Fixtures;

/// <summary>
/// Sends packets that the device would cut into segments (GSO), of up to half a megabyte: a packet socket with
/// PACKET_VNET_HDR, where <c>struct virtio_net_hdr</c> stands before the frame.
/// </summary>
internal sealed unsafe partial class OffloadedSender : IDisposable
{
    private const int PacketFamily = 17;
    private const int RawSocket = 3;
    private const int PacketLevel = 263;
    private const int VnetHeaderOption = 15;
    private const int AddressLength = 20;
    private const int VnetHeaderLength = 10;
    private const int TcpLength = 20;
    private const int UdpLength = 8;

    private readonly int _socket;

    public OffloadedSender(int ifindex)
    {
        _socket = OpenSocket(PacketFamily, RawSocket, 0);
        var address = stackalloc uint[AddressLength / 4] { PacketFamily, (uint)ifindex, 0, 0, 0 };
        var on = 1;
        if (_socket < 0 || SetOption(_socket, PacketLevel, VnetHeaderOption, &on, sizeof(int)) < 0 || Bind(_socket, address, AddressLength) < 0)
        {
            throw new IOException($"packet socket: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    /// <summary>Sends a TCP packet without options, or UDP, to be cut into pieces of <paramref name="segment"/> bytes.</summary>
    /// <returns>False when the egress hook dropped it.</returns>
    public bool Send(Packet packet, bool isV6, int segment = 1400)
    {
        const int NoBuffers = 105;
        const byte NeedsChecksum = 1;
        const byte TcpV4 = 1;
        const byte TcpV6 = 4;
        const byte Udp = 5;
        const ushort TcpChecksumOffset = 16;
        const ushort UdpChecksumOffset = 6;
        var transport = (ushort)packet.TransportOffset;
        var frame = packet.ToBytes();
        var isTcp = frame[isV6 ? 20 : 23] == 6;
        var bytes = new byte[VnetHeaderLength + frame.Length];
        (bytes[0], bytes[1]) = (NeedsChecksum, isTcp ? isV6 ? TcpV6 : TcpV4 : Udp);
        MemoryMarshal.Cast<byte, ushort>(bytes.AsSpan(2, 8))[0] = (ushort)(transport + (isTcp ? TcpLength : UdpLength));
        MemoryMarshal.Cast<byte, ushort>(bytes.AsSpan(2, 8))[1] = (ushort)segment;
        MemoryMarshal.Cast<byte, ushort>(bytes.AsSpan(2, 8))[2] = transport;
        MemoryMarshal.Cast<byte, ushort>(bytes.AsSpan(2, 8))[3] = isTcp ? TcpChecksumOffset : UdpChecksumOffset;
        frame.CopyTo(bytes, VnetHeaderLength);
        fixed (byte* p = bytes)
        {
            if (Send(_socket, p, (nuint)bytes.Length, 0) >= 0)
            {
                return true;
            }
        }
        return Marshal.GetLastPInvokeError() == NoBuffers ? false : throw new IOException($"send: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    public void Dispose() => _ = Close(_socket);

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int OpenSocket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int SetOption(int socket, int level, int option, void* value, int length);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int Bind(int socket, void* address, int length);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint Send(int socket, void* bytes, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int fd);
}
