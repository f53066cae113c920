using System.Runtime.InteropServices;

namespace Appliance.Net;

/// <summary>
/// One netlink socket as a synchronous request/acknowledgement engine. It belongs to the network namespace of the thread
/// that opened it. Thread-safe: one request at a time.
/// </summary>
/// <remarks>
/// The kernel handles a request inside send(2) (netlink_rcv_skb), so its acknowledgement is queued when send returns and waiting
/// for it costs one system call. The socket is connected to port 0: af_netlink.c then refuses messages of other processes.
/// </remarks>
public sealed unsafe class NetlinkSocket : IDisposable
{
    private const int NETLINK_ROUTE = 0;
    private const int SOL_NETLINK = 270;
    private const int NETLINK_CAP_ACK = 10;
    private const int NETLINK_EXT_ACK = 11;
    private const int NETLINK_GET_STRICT_CHK = 12;
    private const int AnswerTimeoutSeconds = 2; // never reached with a sane kernel; the alternative is a hang
    private const int ReceiveBufferBytes = 64 * 1024; // the kernel's dumps come in pieces of at most 32 KiB

    private readonly Lock _gate = new();
    private readonly FileDescriptorHandle _socket;
    private readonly byte[] _received = GC.AllocateUninitializedArray<byte>(ReceiveBufferBytes, pinned: true);
    private uint _sequence;

    private NetlinkSocket(FileDescriptorHandle socket) => _socket = socket;

    /// <summary>Opens a socket in the calling thread's network namespace.</summary>
    /// <param name="protocol">NETLINK_ROUTE, or another family of netlink.</param>
    /// <param name="name">What an error calls it.</param>
    /// <exception cref="NetlinkException">The kernel does not have it or no descriptors are left.</exception>
    public static NetlinkSocket Open(int protocol = NETLINK_ROUTE, string name = nameof(NETLINK_ROUTE))
    {
        var handle = new FileDescriptorHandle(LibC.Socket(LibC.AF_NETLINK, LibC.SOCK_RAW | LibC.SOCK_CLOEXEC, protocol));
        var kernel = stackalloc uint[3] { LibC.AF_NETLINK, 0, 0 }; // sockaddr_nl: family and padding, port id, groups
        var timeout = stackalloc nint[2] { AnswerTimeoutSeconds, 0 }; // struct timeval
        if (handle.IsInvalid
            || LibC.SetSocketOption(handle, LibC.SOL_SOCKET, LibC.SO_RCVTIMEO, timeout, (uint)(2 * sizeof(nint))) < 0
            || LibC.Connect(handle, kernel, 12) < 0)
        {
            var result = new NetlinkResult(Marshal.GetLastPInvokeError());
            handle.Dispose();
            throw new NetlinkException($"open a {name} socket", result);
        }

        // Niceties: without them errors lack their text and dumps are not filtered by the kernel.
        var on = 1;
        LibC.SetSocketOption(handle, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(int));
        LibC.SetSocketOption(handle, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(int));
        LibC.SetSocketOption(handle, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof(int));
        return new NetlinkSocket(handle);
    }

    /// <summary>Sends <paramref name="request"/>, whose sequence number it overwrites, and waits for its acknowledgement.</summary>
    public NetlinkResult Request(Span<byte> request)
    {
        var nothing = 0;
        return Request(request, ref nothing, static (ref int _, ushort _, ReadOnlySpan<byte> _) => { });
    }

    /// <summary>
    /// Sends <paramref name="request"/> and passes each answering message to <paramref name="handler"/> until the
    /// acknowledgement, the error or the end of the dump. The handler must not use this socket.
    /// </summary>
    public NetlinkResult Request<TState>(Span<byte> request, ref TState state, NetlinkHandler<TState> handler)
    {
        lock (_gate)
        {
            var sequence = ++_sequence;
            MemoryMarshal.Write(request[8..], sequence);
            if (!TrySend(request))
            {
                return new NetlinkResult(Marshal.GetLastPInvokeError());
            }

            var interrupted = false;
            while (true)
            {
                var length = Receive();
                if (length < 0)
                {
                    return new NetlinkResult(Marshal.GetLastPInvokeError());
                }

                if (length > _received.Length)
                {
                    return new NetlinkResult(Errno.EMSGSIZE);
                }

                var reader = new NetlinkMessageReader(_received.AsSpan(0, length));
                while (reader.TryRead(out var message))
                {
                    if (message.Sequence != sequence)
                    {
                        continue; // left over from a request that was given up
                    }

                    interrupted |= (message.Flags & NetlinkFlags.DumpInterrupted) != NetlinkFlags.None;
                    if (message.Type == NetlinkMessage.Error)
                    {
                        return NetlinkResult.TryRead(message.Payload, message.Flags, out var result)
                            ? result
                            : new NetlinkResult(Errno.EBADMSG);
                    }

                    if (message.Type == NetlinkMessage.Done)
                    {
                        var errno = message.Payload.Length >= 4 ? unchecked(-MemoryMarshal.Read<int>(message.Payload)) : 0;
                        return new NetlinkResult(Math.Max(errno, 0), IsInterrupted: interrupted);
                    }

                    if (message.Type > NetlinkMessage.Done)
                    {
                        handler(ref state, message.Type, message.Payload);
                    }
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private bool TrySend(ReadOnlySpan<byte> request)
    {
        fixed (byte* bytes = request)
        {
            nint sent;
            do
            {
                sent = LibC.Send(_socket, bytes, (nuint)request.Length, 0);
            }
            while (sent < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);

            return sent >= 0;
        }
    }

    /// <summary>The length of the next datagram, also when it did not fit; −1 with errno EAGAIN after the time-out.</summary>
    private int Receive()
    {
        fixed (byte* bytes = _received)
        {
            nint length;
            do
            {
                length = LibC.Receive(_socket, bytes, (nuint)_received.Length, LibC.MSG_TRUNC);
            }
            while (length < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);

            return (int)length;
        }
    }
}
