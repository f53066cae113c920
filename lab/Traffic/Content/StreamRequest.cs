using System.Text.Unicode;

namespace Appliance.Lab.Traffic.Content;

/// <summary>
/// The first line on a stream connection: <c>GET bytes seed</c> or <c>PUT bytes seed compare|sha256</c>, ASCII, single
/// spaces, ended by a line feed.
/// </summary>
/// <param name="Verb">What is asked for.</param>
/// <param name="Bytes">Length of the stream in bytes.</param>
/// <param name="Seed">Seed of its pattern.</param>
public readonly record struct StreamRequest(StreamVerb Verb, long Bytes, ulong Seed)
{
    /// <summary>The longest line in bytes, its line feed included.</summary>
    public const int MaxLine = 64;

    /// <summary>Reads a line, given without its line feed.</summary>
    public static bool TryParse(ReadOnlySpan<byte> line, out StreamRequest request, out StreamRequestError error)
    {
        request = default;
        ReadOnlySpan<byte> verb = NextWord(ref line);
        bool put = verb.SequenceEqual("PUT"u8);
        if (!put && !verb.SequenceEqual("GET"u8))
        {
            error = StreamRequestError.UnknownVerb;
            return false;
        }

        if (!TryReadNumber(NextWord(ref line), out ulong bytes) || bytes > long.MaxValue)
        {
            error = StreamRequestError.BadLength;
            return false;
        }

        if (!TryReadNumber(put ? NextWord(ref line) : line, out ulong seed))
        {
            error = StreamRequestError.BadSeed;
            return false;
        }

        StreamVerb kind = StreamVerb.Get;
        if (put && !TryReadMode(line, out kind))
        {
            error = StreamRequestError.BadMode;
            return false;
        }

        request = new StreamRequest(kind, (long)bytes, seed);
        error = StreamRequestError.None;
        return true;
    }

    /// <summary>Writes the line with its line feed into at least <see cref="MaxLine"/> bytes; returns its length.</summary>
    public int Write(Span<byte> destination)
    {
        string head = Verb == StreamVerb.Get ? "GET" : "PUT";
        string tail = Verb switch
        {
            StreamVerb.PutCompare => " compare",
            StreamVerb.PutSha256 => " sha256",
            _ => "",
        };
        return Utf8.TryWrite(destination, $"{head} {Bytes} {Seed}{tail}\n", out int written)
            ? written
            : throw new ArgumentException("The buffer is shorter than a request line.", nameof(destination));
    }

    /// <summary>Reads a decimal number without sign or blanks.</summary>
    internal static bool TryReadNumber(ReadOnlySpan<byte> digits, out ulong value)
    {
        value = 0;
        foreach (byte digit in digits)
        {
            uint number = (uint)(digit - '0');
            if (number > 9 || value > (ulong.MaxValue - number) / 10)
            {
                return false;
            }

            value = (value * 10) + number;
        }

        return !digits.IsEmpty;
    }

    /// <summary>Takes the text up to the next space, and the space, off <paramref name="line"/>.</summary>
    internal static ReadOnlySpan<byte> NextWord(ref ReadOnlySpan<byte> line)
    {
        int space = line.IndexOf((byte)' ');
        ReadOnlySpan<byte> word = space < 0 ? line : line[..space];
        line = space < 0 ? default : line[(space + 1)..];
        return word;
    }

    private static bool TryReadMode(ReadOnlySpan<byte> word, out StreamVerb verb)
    {
        verb = word.SequenceEqual("sha256"u8) ? StreamVerb.PutSha256 : StreamVerb.PutCompare;
        return verb == StreamVerb.PutSha256 || word.SequenceEqual("compare"u8);
    }
}
