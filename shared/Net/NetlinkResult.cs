using System.Runtime.InteropServices;
using System.Text;

namespace Appliance.Net;

/// <summary>How the kernel answered a netlink request: 0, or an errno with its extended acknowledgement text.</summary>
/// <param name="Errno">0 for success, otherwise a positive errno.</param>
/// <param name="KernelMessage">The kernel's own explanation (NLMSGERR_ATTR_MSG), null when it gave none.</param>
/// <param name="IsInterrupted">The dump succeeded but the table changed under it: ask again.</param>
public readonly record struct NetlinkResult(int Errno, string? KernelMessage = null, bool IsInterrupted = false)
{
    private const ushort MessageAttribute = 1; // NLMSGERR_ATTR_MSG
    private const int ErrorHeaderLength = 4 + NetlinkMessageWriter.HeaderLength; // int error, nlmsghdr of the request

    /// <summary>Whether the kernel did what was asked.</summary>
    public bool IsOk => Errno == 0;

    /// <summary>
    /// Reads the payload of an NLMSG_ERROR message (struct nlmsgerr). With <see cref="NetlinkFlags.Replace"/> (NLM_F_CAPPED) the
    /// echoed request is its header only; with <see cref="NetlinkFlags.Exclusive"/> (NLM_F_ACK_TLVS) attributes follow it.
    /// </summary>
    /// <returns>False when the payload is shorter than struct nlmsgerr.</returns>
    public static bool TryRead(ReadOnlySpan<byte> payload, NetlinkFlags flags, out NetlinkResult result)
    {
        result = default;
        if (payload.Length < ErrorHeaderLength)
        {
            return false;
        }

        var errno = unchecked(-MemoryMarshal.Read<int>(payload));
        result = new NetlinkResult(errno, errno != 0 && (flags & NetlinkFlags.Exclusive) != NetlinkFlags.None ? ReadText(payload, flags) : null);
        return true;
    }

    /// <summary>For example <c>No such device (errno 19): Device not found</c>.</summary>
    public override string ToString()
    {
        var text = Errno == 0 ? "success" : $"{Marshal.GetPInvokeErrorMessage(Errno)} (errno {Errno})";
        return KernelMessage is null ? text : $"{text}: {KernelMessage}";
    }

    private static string? ReadText(ReadOnlySpan<byte> payload, NetlinkFlags flags)
    {
        var requestLength = (flags & NetlinkFlags.Replace) != NetlinkFlags.None
            ? NetlinkMessageWriter.HeaderLength
            : MemoryMarshal.Read<uint>(payload[4..]);
        var start = 4 + ((requestLength + 3L) & ~3L);
        if (start > payload.Length || !NetlinkAttributeReader.TryFind(payload[(int)start..], MessageAttribute, 1, out var text))
        {
            return null;
        }

        return Encoding.UTF8.GetString(text.TrimEnd((byte)0));
    }
}
