using Appliance.Net;
using Appliance.Tests.Support;

namespace Appliance.Tests.Unit.Packets;

/// <summary>The tests' own packet builder, against independent bytes and its own checksums.</summary>
[TestClass]
public sealed class PacketTests
{
    [TestMethod]
    public void A_segment_is_these_bytes()
    {
        var frame = Ends.V4.FromClient().Atomic().Seq(1001).Ack(5001).ToBytes();
        Assert.AreEqual(
            "02c00000009902a00000000108004500002800004000" + "4006236b0a0001020a000264" + "9c401538000003e9000013895010020" + "0",
            Convert.ToHexStringLower(frame)[..^8]);
    }

    [TestMethod]
    public void Checksums_are_right_whatever_it_carries()
    {
        foreach (var ends in Ends.Both)
        {
            foreach (var packet in new[]
            {
                ends.FromClient().Seq(1).Syn().Options(TcpOption.LinuxSyn(1460, 5, 7)),
                ends.FromService().Seq(uint.MaxValue).Ack(1).Payload(1),
                ends.FromService().Seq(1).Ack(1).Options(TcpOption.Nop, TcpOption.Nop, TcpOption.Timestamps(9, 8)).Payload(1447),
                ends.IsV6 ? ends.FromClient().Seq(1).Extension(0, 2).Extension(60) : ends.FromClient().Seq(1).IPOptions(1, 1, 1, 0),
            })
            {
                var frame = packet.ToBytes();
                var segment = frame.AsSpan(packet.TransportOffset);
                var pseudo = InternetChecksum.AddPseudoHeader(
                    0, packet.Source.Address.GetAddressBytes(), packet.Destination.Address.GetAddressBytes(), 6, segment.Length);
                Assert.AreEqual(0, InternetChecksum.Fold(InternetChecksum.Add(pseudo, segment)), packet.ToString());
                if (!ends.IsV6)
                {
                    Assert.AreEqual(0, InternetChecksum.Compute(frame.AsSpan(14, (frame[14] & 0xf) * 4)), packet.ToString());
                }
            }
        }
    }
}
