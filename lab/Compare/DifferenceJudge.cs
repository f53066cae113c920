using System.Text;
using System.Text.RegularExpressions;

namespace Appliance.Lab.Compare;

/// <summary>Finds where two outputs differ and says what such a difference typically is. Looks at bytes alone.</summary>
public static partial class DifferenceJudge
{
    private const int Context = 60;
    private const int LeastIdentifier = 8;

    /// <summary>The first difference of two outputs; null when they are the same.</summary>
    public static Difference? Compare(Output first, Output second)
    {
        var common = first.Bytes.AsSpan().CommonPrefixLength(second.Bytes);
        if (common == first.Bytes.Length && common == second.Bytes.Length)
        {
            return first.IsClosed == second.IsClosed ? null : new Difference(common, DifferenceKind.Close, Closed(first), Closed(second));
        }
        return new Difference(common, KindOf(first.Bytes, second.Bytes, common), Around(first.Bytes, common), Around(second.Bytes, common));
    }

    private static DifferenceKind KindOf(byte[] first, byte[] second, int at)
    {
        if (at == first.Length || at == second.Length)
        {
            return DifferenceKind.Length;
        }
        if (IsKeyExchange(first) && IsKeyExchange(second))
        {
            return DifferenceKind.KeyExchange;
        }
        var (one, other) = (Line(first, at), Line(second, at));
        if (Time().IsMatch(one) && Time().IsMatch(other) && Time().Replace(one, "") == Time().Replace(other, ""))
        {
            return DifferenceKind.Clock;
        }
        if (Word(first, at) is var word && Word(second, at) is var otherWord && IsNumber(word) && IsNumber(otherWord))
        {
            return DifferenceKind.Number;
        }
        if (IsIdentifier(word) && IsIdentifier(otherWord))
        {
            return DifferenceKind.RandomIdentifier;
        }
        return Lines(first).Order(StringComparer.Ordinal).SequenceEqual(Lines(second).Order(StringComparer.Ordinal), StringComparer.Ordinal) ? DifferenceKind.Order : DifferenceKind.Unknown;
    }

    /// <summary>A TLS handshake record (RFC 8446 section 5.1), or an SSH identification (RFC 4253 section 4.2).</summary>
    private static bool IsKeyExchange(ReadOnlySpan<byte> output) => output is [0x16, 0x03, <= 0x04, ..] || output.StartsWith("SSH-"u8);

    private static bool IsNumber(string word) => word.Length is > 0 and <= 20 && word.All(char.IsAsciiDigit);

    private static bool IsIdentifier(string word) =>
        word.Length >= LeastIdentifier && word.Any(char.IsAsciiDigit) && word.Any(char.IsAsciiLetter) && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '+' or '/' or '=' or '.');

    private static string[] Lines(byte[] output) => Encoding.Latin1.GetString(output).Split('\n');

    /// <summary>The line in which a byte is.</summary>
    private static string Line(ReadOnlySpan<byte> output, int at)
    {
        var begin = output[..at].LastIndexOf((byte)'\n') + 1;
        var length = output[begin..].IndexOf((byte)'\n');
        return Encoding.Latin1.GetString(length < 0 ? output[begin..] : output.Slice(begin, length));
    }

    /// <summary>The word in which a byte is.</summary>
    private static string Word(ReadOnlySpan<byte> output, int at)
    {
        var (begin, end) = (at, at);
        while (begin > 0 && IsPart(output[begin - 1]))
        {
            begin--;
        }
        while (end < output.Length && IsPart(output[end]))
        {
            end++;
        }
        return Encoding.Latin1.GetString(output[begin..end]);

        static bool IsPart(byte value) => char.IsAsciiLetterOrDigit((char)value) || value is (byte)'-' or (byte)'_' or (byte)'+' or (byte)'/' or (byte)'=' or (byte)'.';
    }

    private static string Around(ReadOnlySpan<byte> output, int at)
    {
        var begin = Math.Max(0, at - Context);
        var text = new StringBuilder();
        foreach (var value in output[begin..Math.Min(output.Length, at + Context)])
        {
            text.Append(value switch
            {
                (byte)'\n' => "\\n",
                (byte)'\r' => "\\r",
                >= 0x20 and < 0x7f => ((char)value).ToString(),
                _ => $"\\x{value:x2}",
            });
        }
        return text.ToString();
    }

    private static string Closed(Output output) => output.IsClosed ? "closed" : "still open";

    /// <summary>HTTP dates (RFC 9110 section 5.6.7), ISO 8601, and a time of day.</summary>
    [GeneratedRegex(@"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?|\b\d\d:\d\d:\d\d\b", RegexOptions.CultureInvariant)]
    private static partial Regex Time();
}
