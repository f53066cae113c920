using Appliance.Lab.Savefiles;
using Appliance.Packets;
using Appliance.Savefiles;
using Appliance.Tests.Support;

namespace Appliance.Tests.Unit.Fuzzing;

/// <summary>Damaged packets: every reader of headers says what it makes of them, and reads nothing beyond their end.</summary>
[TestClass]
public sealed class PacketFuzzTests
{
    private const int Times = 50_000;
    private const long Allowance = 4096;
    private const int EthernetLength = 14;

    [TestMethod]
    public void A_segment_is_found_in_damaged_frames_or_none()
    {
        var found = 0;
        Fuzz.Run(Frames, Times, Allowance, frame =>
        {
            foreach (var (linkType, packet) in new[] { (LinkType.Ethernet, frame), (LinkType.RawIP, frame[Math.Min(frame.Length, EthernetLength)..]) })
            {
                if (SegmentParser.TryParse(linkType, new SavefilePacket(0, packet.Length, packet), out var segment))
                {
                    found++;
                    Assert.IsLessThanOrEqualTo(packet.Length, segment.Payload.Length);
                    Assert.IsGreaterThanOrEqualTo(segment.Payload.Length, segment.Length);
                }
            }
        });
        Assert.IsGreaterThan(Times / 10, found);
    }

    [TestMethod]
    public void Damaged_options_are_erased_within_the_header_or_left_alone()
    {
        var erased = 0;
        Fuzz.Run([.. Frames.Select((frame, i) => frame[Transports[i]..])], Times, Allowance, tcp =>
        {
            var before = tcp.ToArray();
            var isErased = TcpOptions.TryEraseTimestamps(tcp);
            erased += isErased ? 1 : 0;
            for (var at = 0; at < tcp.Length; at++)
            {
                Assert.IsTrue(tcp[at] == before[at] || (isErased && at >= 20 && at < (before[12] >> 4) * 4 && tcp[at] == 1), $"byte {at}");
            }

            TcpOptions.Age(before, 1000);
            Assert.IsTrue(before.AsSpan(0, Math.Min(20, before.Length)).SequenceEqual(tcp.AsSpan(0, Math.Min(20, tcp.Length))), "the header is left alone");
        });
        Assert.IsGreaterThan(0, erased);
    }

    private static Packet[] Packets =>
    [
        .. Ends.Both.SelectMany(ends => new[]
        {
            ends.FromClient().Seq(1).Syn().Options(TcpOption.LinuxSyn(1460, 5, 7)),
            ends.FromClient().Seq(1).Ack(2).Options(TcpOption.Nop, TcpOption.Nop, TcpOption.Timestamps(9, 8)).Payload(40),
            ends.IsV6 ? ends.FromClient().Seq(1).Ack(2).Extension(0, 2).Extension(60).Payload(9) : ends.FromClient().Seq(1).Ack(2).IPOptions(1, 1, 1, 0).Payload(9),
        }),
    ];

    private static byte[][] Frames { get; } = [.. Packets.Select(packet => packet.ToBytes())];

    private static int[] Transports { get; } = [.. Packets.Select(packet => packet.TransportOffset)];
}
