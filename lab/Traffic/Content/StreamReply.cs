using System.Buffers;
using System.Text;

namespace Appliance.Lab.Traffic.Content;

/// <summary>The server's one line after a PUT: <c>OK bytes outcome</c>.</summary>
/// <param name="Bytes">Bytes the server received.</param>
/// <param name="Outcome">The number of bytes that differ, or the SHA-256 in hexadecimal digits.</param>
public readonly record struct StreamReply(long Bytes, string Outcome)
{
    /// <summary>The longest line in bytes, its line feed included.</summary>
    public const int MaxLine = 128;

    private static readonly SearchValues<byte> s_hexDigits = SearchValues.Create("0123456789abcdef"u8);

    /// <summary>Reads a line, given without its line feed.</summary>
    public static bool TryParse(ReadOnlySpan<byte> line, out StreamReply reply)
    {
        reply = default;
        if (!StreamRequest.NextWord(ref line).SequenceEqual("OK"u8)
            || !StreamRequest.TryReadNumber(StreamRequest.NextWord(ref line), out ulong bytes)
            || bytes > long.MaxValue
            || line.IsEmpty
            || line.ContainsAnyExcept(s_hexDigits))
        {
            return false;
        }

        reply = new StreamReply((long)bytes, Encoding.ASCII.GetString(line));
        return true;
    }

    /// <summary>The line with its line feed.</summary>
    public byte[] ToBytes() => Encoding.ASCII.GetBytes($"OK {Bytes} {Outcome}\n");
}
