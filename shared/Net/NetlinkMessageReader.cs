using System.Runtime.InteropServices;

namespace Appliance.Net;

/// <summary>Walks the netlink messages of one received datagram; stops at the first malformed one and never throws.</summary>
public ref struct NetlinkMessageReader(ReadOnlySpan<byte> datagram)
{
    private ReadOnlySpan<byte> _rest = datagram;

    /// <summary>Reads the next message; false at the end, or when what is left is shorter than its own length field says.</summary>
    public bool TryRead(out NetlinkMessage message)
    {
        message = default;
        if (_rest.Length < NetlinkMessageWriter.HeaderLength)
        {
            return false;
        }

        var length = MemoryMarshal.Read<uint>(_rest);
        if (length < NetlinkMessageWriter.HeaderLength || length > (uint)_rest.Length)
        {
            return false;
        }

        message = new NetlinkMessage
        {
            Type = MemoryMarshal.Read<ushort>(_rest[4..]),
            Flags = (NetlinkFlags)MemoryMarshal.Read<ushort>(_rest[6..]),
            Sequence = MemoryMarshal.Read<uint>(_rest[8..]),
            Payload = _rest[NetlinkMessageWriter.HeaderLength..(int)length],
        };
        var aligned = ((int)length + 3) & ~3;
        _rest = aligned >= _rest.Length ? default : _rest[aligned..];
        return true;
    }
}
