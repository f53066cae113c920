using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;

namespace Appliance.Bpf.Layout;

/// <summary>Sixteen address bytes as on the wire; IPv4 as ::ffff:a.b.c.d.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public readonly record struct Address16
{
    private readonly ulong _first;
    private readonly ulong _second;

    /// <summary>From sixteen bytes in network order.</summary>
    public Address16(ReadOnlySpan<byte> bytes)
    {
        _first = MemoryMarshal.Read<ulong>(bytes);
        _second = MemoryMarshal.Read<ulong>(bytes[8..]);
    }

    /// <summary>From an address of either family.</summary>
    public static Address16 From(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.MapToIPv6().TryWriteBytes(bytes, out _);
        return new Address16(bytes);
    }

    /// <summary>Does it stand for an IPv4 address?</summary>
    public bool IsIPv4
    {
        get
        {
            Span<byte> bytes = stackalloc byte[16];
            CopyTo(bytes);
            return bytes[..10].IndexOfAnyExcept((byte)0) < 0 && bytes[10] == 0xff && bytes[11] == 0xff;
        }
    }

    /// <summary>Writes the sixteen bytes.</summary>
    public void CopyTo(Span<byte> bytes)
    {
        MemoryMarshal.Write(bytes, _first);
        MemoryMarshal.Write(bytes[8..], _second);
    }

    /// <summary>The bytes as a number, the first as the most significant: sorts as the wire does.</summary>
    public UInt128 ToNumber() => new(BinaryPrimitives.ReverseEndianness(_first), BinaryPrimitives.ReverseEndianness(_second));

    /// <summary>The address, IPv4 where it stands for one.</summary>
    public IPAddress ToIPAddress()
    {
        Span<byte> bytes = stackalloc byte[16];
        CopyTo(bytes);
        return IsIPv4 ? new IPAddress(bytes[12..]) : new IPAddress(bytes);
    }

    /// <inheritdoc/>
    public override string ToString() => ToIPAddress().ToString();
}
