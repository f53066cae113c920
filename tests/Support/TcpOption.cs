using System.Buffers.Binary;

namespace Appliance.Tests.Support;

/// <summary>TCP options as bytes, right and wrong ones.</summary>
internal static class TcpOption
{
    public static byte[] End { get; } = [0];

    public static byte[] Nop { get; } = [1];

    public static byte[] SackPermitted { get; } = [4, 2];

    /// <summary>TCP-MD5, RFC 2385.</summary>
    public static byte[] Md5 { get; } = [19, 18, .. new byte[16]];

    /// <summary>TCP-AO, RFC 5925.</summary>
    public static byte[] Ao { get; } = [29, 16, .. new byte[14]];

    /// <summary>What Linux sends with a SYN.</summary>
    public static byte[][] LinuxSyn(ushort mss, uint tsval, byte shift) => [Mss(mss), SackPermitted, Timestamps(tsval, 0), Nop, WindowScale(shift)];

    public static byte[] Mss(ushort size) => [2, 4, (byte)(size >> 8), (byte)size];

    public static byte[] WindowScale(byte shift) => [3, 3, shift];

    public static byte[] Timestamps(uint value, uint echo)
    {
        var option = new byte[10];
        (option[0], option[1]) = (8, 10);
        BinaryPrimitives.WriteUInt32BigEndian(option.AsSpan(2), value);
        BinaryPrimitives.WriteUInt32BigEndian(option.AsSpan(6), echo);
        return option;
    }

    /// <summary>Any bytes, such as a kind with a hostile length.</summary>
    public static byte[] Raw(params byte[] bytes) => bytes;
}
