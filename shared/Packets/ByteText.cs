using System.Text;

namespace Appliance.Packets;

/// <summary>Bytes for people: printable ASCII as it is, others as \x1f.</summary>
public static class ByteText
{
    /// <summary>Without quotation marks around it.</summary>
    public static string Of(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        foreach (var value in bytes)
        {
            _ = value is >= 0x20 and < 0x7f and not ((byte)'\\' or (byte)'"') ? text.Append((char)value) : text.Append($"\\x{value:x2}");
        }
        return text.ToString();
    }
}
