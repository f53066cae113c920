using Appliance.Bpf.Layout;
using Appliance.Packets;

namespace Appliance.Lab.Savefiles;

/// <summary>Tells the connections apart that used the same addresses and ports one after the other, and assembles each.</summary>
internal static class StreamSplitter
{
    /// <summary>The farthest that a byte can be from the beginning while that is still missing in the file: RFC 7323's largest window.</summary>
    private const int LargestWindow = 1 << 30;

    private sealed record Opening(uint First, uint? ServerFirst, long TimeNs)
    {
        public List<CapturedSegment> Segments { get; } = [];

        /// <summary>May a segment that is in the file before the SYN be one that overtook it?</summary>
        public bool CouldBeOvertakenBy(CapturedSegment segment) => (int)(segment.Seq - First) is >= 0 and < LargestWindow;
    }

    public static IEnumerable<RecordedStream> Split(
        FlowKey flow, IReadOnlyList<CapturedSegment> sent, IReadOnlyList<CapturedSegment> received)
    {
        var openings = Openings(sent, received);
        var orphans = new List<CapturedSegment>();
        var current = -1;
        foreach (var segment in sent)
        {
            while (current + 1 < openings.Count && openings[current + 1].TimeNs <= segment.TimeNs)
            {
                current++;
            }

            if (segment.Has(TcpFlags.Syn))
            {
                continue;
            }

            if (current >= 0)
            {
                openings[current].Segments.Add(segment);
            }
            else if (openings.Count > 0 && openings[0].CouldBeOvertakenBy(segment))
            {
                openings[0].Segments.Add(segment);
            }
            else
            {
                orphans.Add(segment);
            }
        }

        if (orphans.Count > 0)
        {
            yield return Assemble(flow, LowestSeq(orphans), hasBeginning: false, LowestAck(orphans), orphans[0].TimeNs, orphans);
        }

        foreach (var opening in openings.Where(o => o.Segments.Count > 0))
        {
            var serverFirst = opening.ServerFirst ?? LowestAck(opening.Segments);
            yield return Assemble(flow, opening.First, hasBeginning: true, serverFirst, opening.TimeNs, opening.Segments);
        }
    }

    /// <summary>One for each initial sequence number, from SYNs and, where these are missing, from what SYN-ACKs acknowledge.</summary>
    private static List<Opening> Openings(IReadOnlyList<CapturedSegment> sent, IReadOnlyList<CapturedSegment> received)
    {
        var accepts = received.Where(s => s.Has(TcpFlags.Syn) && s.Has(TcpFlags.Ack)).ToList();
        return
        [
            .. sent.Where(s => s.Has(TcpFlags.Syn) && !s.Has(TcpFlags.Ack)).Select(s => (First: s.Seq + 1, s.TimeNs))
                .Concat(accepts.Select(s => (First: s.Ack, s.TimeNs)))
                .GroupBy(opening => opening.First)
                .Select(same => new Opening(same.Key, accepts.FirstOrDefault(s => s.Ack == same.Key)?.Seq + 1, same.Min(o => o.TimeNs)))
                .OrderBy(opening => opening.TimeNs),
        ];
    }

    private static RecordedStream Assemble(
        FlowKey flow, uint first, bool hasBeginning, uint serverFirst, long startNs, List<CapturedSegment> segments)
    {
        var assembler = new StreamAssembler();
        var (next, acknowledged) = (0L, 0L);
        StreamEnd? end = null;
        foreach (var segment in segments)
        {
            var offset = next + (int)(segment.Seq - first - (uint)next);
            var after = acknowledged;
            if (segment.Has(TcpFlags.Ack))
            {
                after = Math.Max(0, acknowledged + (int)(segment.Ack - serverFirst - (uint)acknowledged));
            }

            if (segment.Has(TcpFlags.Rst))
            {
                end ??= new StreamEnd(next, IsReset: true, acknowledged, segment.TimeNs);
                continue;
            }

            acknowledged = Math.Max(acknowledged, after);
            next = Math.Max(next, offset + segment.Length);
            var payload = segment.Payload.AsMemory();
            if (offset < 0)
            {
                // A keepalive repeats the byte before the next one: here the SYN's.
                payload = payload[(int)Math.Min(-offset, payload.Length)..];
            }

            assembler.Add(new StreamPiece(Math.Max(0, offset), payload, after, segment.TimeNs));
            if (segment.Has(TcpFlags.Fin) && end is null)
            {
                end = new StreamEnd(offset + segment.Length, IsReset: false, after, segment.TimeNs);
            }
        }

        return new RecordedStream
        {
            Flow = flow,
            StartNs = startNs,
            HasBeginning = hasBeginning,
            Pieces = assembler.Pieces,
            End = end,
            Acknowledged = acknowledged,
            ConflictingBytes = assembler.ConflictingBytes,
        };
    }

    private static uint LowestSeq(List<CapturedSegment> segments) =>
        segments.Aggregate(segments[0].Seq, (lowest, s) => (int)(s.Seq - lowest) < 0 ? s.Seq : lowest);

    private static uint LowestAck(List<CapturedSegment> segments)
    {
        var acks = segments.Where(s => s.Has(TcpFlags.Ack)).Select(s => s.Ack).ToList();
        return acks.Count == 0 ? 0 : acks.Aggregate((lowest, ack) => (int)(ack - lowest) < 0 ? ack : lowest);
    }
}
