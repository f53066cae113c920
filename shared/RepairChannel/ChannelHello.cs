using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;
using Appliance.ControlPlane;

namespace Appliance.RepairChannel;

/// <summary>The first 48 bytes of each end (docs/repair-channel.md gives the layout). Nothing in it is authentic before the proof.</summary>
/// <param name="Role">Which end speaks.</param>
/// <param name="Name">The node's name; the gateway has none.</param>
/// <param name="Instance">The speaker's start, Unix nanoseconds.</param>
/// <param name="Nonce">16 random bytes, so that no session has the keys of another.</param>
public readonly record struct ChannelHello(ChannelRole Role, string Name, ulong Instance, UInt128 Nonce)
{
    /// <summary>Bytes on the wire.</summary>
    public const int Length = 48;

    /// <summary>The version of the protocol.</summary>
    public const byte Version = 1;

    private const uint Magic = 0x41505243; // "APRC"

    /// <summary>A hello with a nonce of its own.</summary>
    /// <exception cref="ArgumentException">The name does not fit, or a node has none.</exception>
    public static ChannelHello Create(ChannelRole role, string name, ulong instance)
    {
        if (Encoding.UTF8.GetByteCount(name) > MessageCodec.MaxNameLength || (name.Length == 0) != (role == ChannelRole.Gateway))
        {
            throw new ArgumentException($"a node's name has 1 to {MessageCodec.MaxNameLength} bytes of UTF-8: '{name}'", nameof(name));
        }
        Span<byte> nonce = stackalloc byte[16];
        RandomNumberGenerator.Fill(nonce);
        return new ChannelHello(role, name, instance, BinaryPrimitives.ReadUInt128BigEndian(nonce));
    }

    /// <summary>Writes the hello.</summary>
    public void Write(Span<byte> buffer)
    {
        var b = buffer[..Length];
        b.Clear();
        BinaryPrimitives.WriteUInt32BigEndian(b, Magic);
        b[4] = Version;
        b[5] = (byte)Role;
        Encoding.UTF8.TryGetBytes(Name, b.Slice(8, MessageCodec.MaxNameLength), out _);
        BinaryPrimitives.WriteUInt64BigEndian(b[24..], Instance);
        BinaryPrimitives.WriteUInt128BigEndian(b[32..], Nonce);
    }

    /// <summary>Reads the hello of the peer, which has to be the end <paramref name="expected"/>.</summary>
    /// <returns>
    /// <see cref="ChannelFault.None"/>, or <see cref="ChannelFault.Foreign"/>, <see cref="ChannelFault.Version"/>,
    /// <see cref="ChannelFault.Role"/>, <see cref="ChannelFault.Content"/>.
    /// </returns>
    public static ChannelFault TryRead(ReadOnlySpan<byte> b, ChannelRole expected, out ChannelHello hello)
    {
        hello = default;
        if (BinaryPrimitives.ReadUInt32BigEndian(b) != Magic)
        {
            return ChannelFault.Foreign;
        }
        if (b[4] != Version)
        {
            return ChannelFault.Version;
        }
        if (b[5] != (byte)expected)
        {
            return ChannelFault.Role;
        }
        var field = b.Slice(8, MessageCodec.MaxNameLength);
        var name = field.IndexOf((byte)0) is >= 0 and var end ? field[..end] : field;
        if (BinaryPrimitives.ReadUInt16BigEndian(b[6..]) != 0
            || field[name.Length..].ContainsAnyExcept((byte)0)
            || name.IsEmpty != (expected == ChannelRole.Gateway)
            || !Utf8.IsValid(name))
        {
            return ChannelFault.Content;
        }
        hello = new ChannelHello(
            expected,
            Encoding.UTF8.GetString(name),
            BinaryPrimitives.ReadUInt64BigEndian(b[24..]),
            BinaryPrimitives.ReadUInt128BigEndian(b[32..]));
        return ChannelFault.None;
    }
}
