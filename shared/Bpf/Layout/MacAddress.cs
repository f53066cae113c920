using System.Globalization;
using System.Runtime.InteropServices;

namespace Appliance.Bpf.Layout;

/// <summary>Six bytes of an Ethernet address, in the order of the wire.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct MacAddress(byte A, byte B, byte C, byte D, byte E, byte F)
{
    /// <summary>Length in bytes.</summary>
    public const int Length = 6;

    /// <summary>From six bytes.</summary>
    public MacAddress(ReadOnlySpan<byte> b)
        : this(b[0], b[1], b[2], b[3], b[4], b[5])
    {
    }

    /// <summary>Nobody's address.</summary>
    public bool IsZero => this == default;

    /// <summary>Writes the six bytes.</summary>
    public void CopyTo(Span<byte> bytes)
    {
        (bytes[0], bytes[1], bytes[2]) = (A, B, C);
        (bytes[3], bytes[4], bytes[5]) = (D, E, F);
    }

    /// <summary>Six bytes.</summary>
    public byte[] ToArray() => [A, B, C, D, E, F];

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{A:x2}:{B:x2}:{C:x2}:{D:x2}:{E:x2}:{F:x2}");
}
