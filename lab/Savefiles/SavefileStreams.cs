using Appliance.Bpf.Layout;
using Appliance.Packets;
using Appliance.Savefiles;

namespace Appliance.Lab.Savefiles;

/// <summary>Everything that a savefile holds about TCP clients.</summary>
/// <param name="Streams">The clients' streams, in the order of their beginnings.</param>
/// <param name="Damage">Why the file could not be read to its end; the streams hold what came before. Null when it was whole.</param>
public sealed record SavefileStreams(IReadOnlyList<RecordedStream> Streams, SavefileException? Damage)
{
    /// <summary>Reads a savefile to its end.</summary>
    /// <exception cref="SavefileException">It is not a savefile, or not of packets that can be read.</exception>
    public static SavefileStreams Read(SavefileReader reader, string name)
    {
        if (!SegmentParser.Knows(reader.LinkType))
        {
            throw new SavefileException(name, $"holds packets of link type {(int)reader.LinkType}; capture on an Ethernet interface, or on 'any'", 0, 0);
        }

        var segments = new List<CapturedSegment>();
        SavefileException? damage = null;
        try
        {
            while (reader.TryRead(out var packet))
            {
                if (SegmentParser.TryParse(reader.LinkType, packet, out var segment))
                {
                    segments.Add(segment);
                }
            }
        }
        catch (SavefileException exception)
        {
            damage = exception;
        }

        return new SavefileStreams(Assemble(segments), damage);
    }

    /// <summary>Puts segments together that are in the order of the file.</summary>
    public static IReadOnlyList<RecordedStream> Assemble(IEnumerable<CapturedSegment> segments)
    {
        var directions = segments.GroupBy(s => s.Direction).ToDictionary(g => g.Key, IReadOnlyList<CapturedSegment> (g) => [.. g.OrderBy(s => s.TimeNs)]);
        return
        [
            .. directions.Keys
                .Where(flow => IsFromClient(flow, directions))
                .SelectMany(flow => StreamSplitter.Split(flow, directions[flow], directions.GetValueOrDefault(Reverse(flow), [])))
                .OrderBy(stream => stream.StartNs),
        ];
    }

    /// <summary>By the SYN or the SYN-ACK; without both by who sends payload, and by the ports where both do.</summary>
    private static bool IsFromClient(FlowKey flow, Dictionary<FlowKey, IReadOnlyList<CapturedSegment>> directions)
    {
        var sent = directions[flow];
        var received = directions.GetValueOrDefault(Reverse(flow), []);
        var asClient = Opens(sent) || Accepts(received);
        var asServer = Opens(received) || Accepts(sent);
        if (asClient || asServer)
        {
            return asClient;
        }

        var (speaks, hears) = (sent.Any(s => s.Length > 0), received.Any(s => s.Length > 0));
        return speaks != hears ? speaks : received.Count == 0 || flow.ClientPort > flow.ServicePort;
    }

    private static bool Opens(IReadOnlyList<CapturedSegment> segments) => segments.Any(s => s.Has(TcpFlags.Syn) && !s.Has(TcpFlags.Ack));

    private static bool Accepts(IReadOnlyList<CapturedSegment> segments) => segments.Any(s => s.Has(TcpFlags.Syn) && s.Has(TcpFlags.Ack));

    private static FlowKey Reverse(in FlowKey flow) =>
        new(new(flow.Service.ToIPAddress(), flow.ServicePort), new(flow.Client.ToIPAddress(), flow.ClientPort));
}
