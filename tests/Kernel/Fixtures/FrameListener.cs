using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Appliance.Tests.Kernel.Fixtures;

/// <summary>Receives every frame that arrives at one interface (AF_PACKET).</summary>
internal sealed unsafe partial class FrameListener : IDisposable
{
    private const int PacketFamily = 17;
    private const int RawSocket = 3;
    private const int DoNotWait = 0x40;
    private const ushort AllProtocols = 3;
    private const byte Outgoing = 4;
    private const int AddressLength = 20;
    private const int PacketTypeOffset = 10;

    private readonly int _socket;

    public FrameListener(int ifindex)
    {
        var protocol = BinaryPrimitives.ReverseEndianness(AllProtocols);
        _socket = OpenSocket(PacketFamily, RawSocket, 0);
        var address = stackalloc byte[AddressLength];
        new Span<byte>(address, AddressLength).Clear();
        *(ushort*)address = PacketFamily;
        *(ushort*)(address + 2) = protocol;
        *(int*)(address + 4) = ifindex;
        if (_socket < 0 || Bind(_socket, address, AddressLength) < 0)
        {
            throw new IOException($"packet socket: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    /// <summary>
    /// Fails unless exactly these frames have arrived, in this order. A frame sent over a veth pair is queued here before
    /// the sender's call returns or, at the latest, when this CPU has run its soft interrupts: hence the short grace.
    /// </summary>
    public void AssertReceived(params byte[][] frames) => AssertReceivedIgnoring(0, 0, frames);

    /// <summary>The same, but for bytes that only the kernel fills in.</summary>
    public void AssertReceivedIgnoring(int offset, int length, params byte[][] frames)
    {
        var received = new List<string>();
        var deadline = Environment.TickCount64 + (frames.Length == 0 ? 50 : 1000);
        do
        {
            while (Receive() is { } frame)
            {
                frame.AsSpan(offset, length).Clear();
                received.Add(Convert.ToHexStringLower(frame));
            }
        }
        while (received.Count < Math.Max(frames.Length, 1) && Environment.TickCount64 < deadline);
        Array.ForEach(frames, f => f.AsSpan(offset, length).Clear());
        CollectionAssert.AreEqual(frames.Select(Convert.ToHexStringLower).ToArray(), received.ToArray());
    }

    public void Dispose() => _ = Close(_socket);

    private byte[]? Receive()
    {
        var buffer = new byte[65_536];
        var address = stackalloc byte[AddressLength];
        var addressLength = AddressLength;
        fixed (byte* bytes = buffer)
        {
            var length = ReceiveFrom(_socket, bytes, (nuint)buffer.Length, DoNotWait, address, &addressLength);
            return length < 0 ? null : address[PacketTypeOffset] == Outgoing ? Receive() : buffer[..(int)length];
        }
    }

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int OpenSocket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int Bind(int socket, void* address, int length);

    [LibraryImport("libc", EntryPoint = "recvfrom", SetLastError = true)]
    private static partial nint ReceiveFrom(int socket, void* buffer, nuint length, int flags, void* address, int* addressLength);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int fd);
}
