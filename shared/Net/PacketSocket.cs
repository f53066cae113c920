using System.Runtime.InteropServices;

namespace Appliance.Net;

/// <summary>
/// Sends Ethernet frames out of one interface (AF_PACKET, SOCK_RAW). Bound with protocol 0, it has no receive hook
/// (packet_do_bind() in af_packet.c), so traffic costs it nothing and nothing queues up unread.
/// </summary>
public sealed unsafe class PacketSocket : IDisposable
{
    private readonly FileDescriptorHandle _socket;

    private PacketSocket(FileDescriptorHandle socket, int interfaceIndex)
    {
        _socket = socket;
        InterfaceIndex = interfaceIndex;
    }

    /// <summary>Kernel index of the interface.</summary>
    public int InterfaceIndex { get; }

    /// <summary>Opens a socket on an interface of the calling thread's network namespace.</summary>
    /// <param name="interfaceIndex">Kernel index of the interface.</param>
    /// <param name="mark">Mark of the frames (SO_MARK), for the programs at the interface; 0 is none.</param>
    /// <param name="sendBuffer">Bytes that may wait for the link, the kernel's bookkeeping included (SO_SNDBUFFORCE); 0 is the host's default.</param>
    /// <param name="isOffloaded">An <see cref="OffloadHeader"/> comes before each frame (PACKET_VNET_HDR).</param>
    /// <exception cref="IOException">No CAP_NET_RAW or no such interface.</exception>
    public static PacketSocket Open(int interfaceIndex, uint mark = 0, int sendBuffer = 0, bool isOffloaded = false)
    {
        var on = 1;
        var handle = new FileDescriptorHandle(LibC.Socket(LibC.AF_PACKET, LibC.SOCK_RAW | LibC.SOCK_CLOEXEC, 0));

        // struct sockaddr_ll: u16 family, be16 protocol, s32 index, u16 type, u8 packet type, u8 address length, u8[8] address
        var address = stackalloc uint[5] { LibC.AF_PACKET, (uint)interfaceIndex, 0, 0, 0 };
        *(ushort*)address = LibC.AF_PACKET;
        if (handle.IsInvalid || LibC.Bind(handle, address, 20) < 0
            || (mark != 0 && LibC.SetSocketOption(handle, LibC.SOL_SOCKET, LibC.SO_MARK, &mark, sizeof(uint)) < 0)
            || (isOffloaded && LibC.SetSocketOption(handle, LibC.SOL_PACKET, LibC.PACKET_VNET_HDR, &on, sizeof(int)) < 0)
            || (sendBuffer != 0 && LibC.SetSocketOption(handle, LibC.SOL_SOCKET, LibC.SO_SNDBUFFORCE, &sendBuffer, sizeof(int)) < 0))
        {
            var errno = Marshal.GetLastPInvokeError();
            handle.Dispose();
            throw new IOException(
                $"Could not open a packet socket on interface {interfaceIndex}: {Marshal.GetPInvokeErrorMessage(errno)} (errno {errno})");
        }

        return new PacketSocket(handle, interfaceIndex);
    }

    /// <summary>Sends one frame, Ethernet header included and checksums filled in, as it is. Never blocks.</summary>
    public FrameOutcome Send(ReadOnlySpan<byte> frame)
    {
        fixed (byte* bytes = frame)
        {
            while (LibC.Send(_socket, bytes, (nuint)frame.Length, LibC.MSG_DONTWAIT) < 0)
            {
                var errno = Marshal.GetLastPInvokeError();
                if (errno != Errno.EINTR)
                {
                    return FrameOutcomes.FromErrno(errno);
                }
            }
        }

        return FrameOutcome.Accepted;
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
