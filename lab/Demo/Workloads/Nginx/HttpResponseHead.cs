using System.Buffers.Text;
using System.Text;

namespace Appliance.Lab.Demo.Workloads.Nginx;

/// <summary>What matters of the head of an HTTP/1.1 response.</summary>
/// <param name="Status">Status code.</param>
/// <param name="ContentLength">Bytes of the body; -1 when the server does not say.</param>
/// <param name="HeadLength">Bytes of the head, with the empty line that ends it.</param>
public readonly record struct HttpResponseHead(int Status, long ContentLength, int HeadLength)
{
    private const int StatusAt = 9;
    private const int StatusDigits = 3;

    /// <summary>Whether <paramref name="bytes"/> hold the end of a head.</summary>
    public static bool IsComplete(ReadOnlySpan<byte> bytes) => bytes.IndexOf("\r\n\r\n"u8) >= 0;

    /// <summary>Reads a complete head; false when it is none.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out HttpResponseHead head)
    {
        head = default;
        var end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < StatusAt + StatusDigits
            || !bytes.StartsWith("HTTP/1."u8)
            || !Utf8Parser.TryParse(bytes.Slice(StatusAt, StatusDigits), out int status, out var digits)
            || digits != StatusDigits)
        {
            return false;
        }

        head = new HttpResponseHead(status, ReadContentLength(Encoding.Latin1.GetString(bytes[..end])), end + 4);
        return true;
    }

    private static long ReadContentLength(string head)
    {
        const string Name = "Content-Length:";
        foreach (var line in head.Split("\r\n"))
        {
            if (line.StartsWith(Name, StringComparison.OrdinalIgnoreCase)
                && long.TryParse(line.AsSpan(Name.Length), out var length)
                && length >= 0)
            {
                return length;
            }
        }

        return -1;
    }
}
