using System.Net;
using System.Runtime.InteropServices;

namespace Appliance.Net;

/// <summary>
/// Builds one netlink request (nlmsghdr, family header, attributes) in the caller's buffer without allocating. Numbers are in
/// host byte order, addresses in network byte order, attributes aligned to 4 bytes (linux/netlink.h).
/// </summary>
/// <remarks>The sequence number stays 0; <see cref="NetlinkSocket"/> stamps it when it sends.</remarks>
/// <exception cref="ArgumentException">From any method, when the buffer is too small: a bug of the caller.</exception>
public ref struct NetlinkMessageWriter
{
    /// <summary>Size of nlmsghdr in bytes: length, type, flags, sequence number, port id.</summary>
    public const int HeaderLength = 16;

    private const ushort NestedFlag = 0x8000;

    private readonly Span<byte> _buffer;

    /// <summary>Starts a message of <paramref name="type"/> with <paramref name="flags"/> in <paramref name="buffer"/>.</summary>
    public NetlinkMessageWriter(Span<byte> buffer, ushort type, NetlinkFlags flags)
    {
        _buffer = buffer;
        var header = Reserve(HeaderLength);
        MemoryMarshal.Write(header[4..], type);
        MemoryMarshal.Write(header[6..], (ushort)flags);
    }

    /// <summary>Bytes written so far.</summary>
    public int Length { get; private set; }

    /// <summary>Appends <paramref name="length"/> zeroed bytes (rounded up to 4) and returns the unrounded part to fill in.</summary>
    public Span<byte> Reserve(int length)
    {
        var aligned = (length + 3) & ~3;
        if (_buffer.Length - Length < aligned)
        {
            throw new ArgumentException($"The buffer of {_buffer.Length} bytes is too small for the netlink message.", nameof(length));
        }

        var span = _buffer.Slice(Length, aligned);
        span.Clear();
        Length += aligned;
        return span[..length];
    }

    /// <summary>Appends an attribute with the given bytes.</summary>
    public void Attribute(ushort type, scoped ReadOnlySpan<byte> value) => value.CopyTo(ReserveAttribute(type, value.Length));

    /// <summary>Appends a 32-bit attribute in host byte order.</summary>
    public void Attribute(ushort type, uint value) => MemoryMarshal.Write(ReserveAttribute(type, sizeof(uint)), value);

    /// <summary>Appends an IPv4 (4 bytes) or IPv6 (16 bytes) address in network byte order.</summary>
    public void Attribute(ushort type, IPAddress address)
    {
        var length = address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 4 : 16;
        address.TryWriteBytes(ReserveAttribute(type, length), out _);
    }

    /// <summary>Opens an attribute that holds attributes; pass the returned mark to <see cref="EndNested"/>.</summary>
    public int BeginNested(ushort type)
    {
        var mark = Length;
        ReserveAttribute((ushort)(type | NestedFlag), 0);
        return mark;
    }

    /// <summary>Closes the nested attribute opened at <paramref name="mark"/>.</summary>
    public readonly void EndNested(int mark) => MemoryMarshal.Write(_buffer[mark..], (ushort)(Length - mark));

    /// <summary>Fills in the total length and returns the finished message.</summary>
    public readonly Span<byte> Finish()
    {
        MemoryMarshal.Write(_buffer, Length);
        return _buffer[..Length];
    }

    private Span<byte> ReserveAttribute(ushort type, int length)
    {
        var attribute = Reserve(4 + length);
        MemoryMarshal.Write(attribute, (ushort)(4 + length));
        MemoryMarshal.Write(attribute[2..], type);
        return attribute[4..];
    }
}
