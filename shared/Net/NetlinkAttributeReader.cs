using System.Runtime.InteropServices;

namespace Appliance.Net;

/// <summary>Walks netlink attributes (struct nlattr); stops at the first malformed one and never throws.</summary>
public ref struct NetlinkAttributeReader(ReadOnlySpan<byte> attributes)
{
    private const ushort TypeMask = 0x3fff; // without NLA_F_NESTED and NLA_F_NET_BYTEORDER

    private ReadOnlySpan<byte> _rest = attributes;

    /// <summary>Reads the next attribute; false at the end, or when what is left is shorter than its own length field says.</summary>
    public bool TryRead(out ushort type, out ReadOnlySpan<byte> value)
    {
        type = 0;
        value = default;
        if (_rest.Length < 4)
        {
            return false;
        }

        var length = MemoryMarshal.Read<ushort>(_rest);
        if (length < 4 || length > _rest.Length)
        {
            return false;
        }

        type = (ushort)(MemoryMarshal.Read<ushort>(_rest[2..]) & TypeMask);
        value = _rest[4..length];
        var aligned = (length + 3) & ~3;
        _rest = aligned >= _rest.Length ? default : _rest[aligned..];
        return true;
    }

    /// <summary>Finds the first attribute of <paramref name="wanted"/> type that is at least <paramref name="minimumLength"/> bytes long.</summary>
    public static bool TryFind(ReadOnlySpan<byte> attributes, ushort wanted, int minimumLength, out ReadOnlySpan<byte> value)
    {
        var reader = new NetlinkAttributeReader(attributes);
        while (reader.TryRead(out var type, out value))
        {
            if (type == wanted && value.Length >= minimumLength)
            {
                return true;
            }
        }

        value = default;
        return false;
    }
}
