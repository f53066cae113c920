using System.Buffers.Binary;

namespace Appliance.Packets;

/// <summary>TCP options in place, RFC 9293 section 3.2 and RFC 7323 section 3.</summary>
public static class TcpOptions
{
    private const byte EndOfList = 0;
    private const byte NoOperation = 1;
    private const byte Timestamps = 8;
    private const int TimestampsLength = 10;
    private const int HeaderLength = 20;

    /// <summary>
    /// Replaces the timestamps option by padding. A segment that was held is older than the ones that overtook it: with
    /// its own timestamp PAWS could discard it, without one it cannot (tcp_validate_incoming()).
    /// </summary>
    /// <returns>False when there was none, or the options are malformed.</returns>
    public static bool TryEraseTimestamps(Span<byte> tcp)
    {
        var timestamps = FindTimestamps(tcp);
        timestamps.Fill(NoOperation);
        return timestamps.Length > 0;
    }

    /// <summary>Lets the sender's timestamp (TSval) be as many milliseconds later; nothing where there is none.</summary>
    public static void Age(Span<byte> tcp, uint milliseconds)
    {
        if (FindTimestamps(tcp) is { Length: TimestampsLength } timestamps)
        {
            BinaryPrimitives.WriteUInt32BigEndian(timestamps[2..], BinaryPrimitives.ReadUInt32BigEndian(timestamps[2..]) + milliseconds);
        }
    }

    /// <summary>The whole option; empty when there is none, or the options are malformed.</summary>
    private static Span<byte> FindTimestamps(Span<byte> tcp)
    {
        if (tcp.Length < HeaderLength || (tcp[12] >> 4) * 4 is var header && (header < HeaderLength || header > tcp.Length))
        {
            return [];
        }
        var options = tcp[HeaderLength..header];
        while (options.Length > 0 && options[0] != EndOfList)
        {
            if (options[0] == NoOperation)
            {
                options = options[1..];
                continue;
            }
            if (options.Length < 2 || options[1] < 2 || options[1] > options.Length)
            {
                return [];
            }
            if (options[0] == Timestamps)
            {
                return options[..options[1]];
            }
            options = options[options[1]..];
        }
        return [];
    }
}
