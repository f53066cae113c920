using System.Buffers.Binary;
using Appliance.Net;
using Appliance.Packets;
using Appliance.Tests.Support;

namespace Appliance.Tests.Unit.Replication;

/// <summary>Client segments with content, as they are injected into a replica, and with a checksum, as they leave the host.</summary>
[TestClass]
public sealed class RepairFrameTests
{
    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(1460)]
    [DataRow(32 << 10)]
    public void Content_follows_the_header_and_counts_in_every_length(int bytes)
    {
        foreach (var ends in Ends.Both)
        {
            var (frame, payload) = Write(ends, bytes);
            var transport = ClientFrame.TransportOffset(ends.Key);
            Assert.AreEqual(transport + 20 + bytes, frame.Length);
            CollectionAssert.AreEqual(payload, frame[(transport + 20)..]);
            var length = BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(ends.IsV6 ? 18 : 16));
            Assert.AreEqual((ends.IsV6 ? 20 : 40) + bytes, length);
            if (!ends.IsV6)
            {
                Assert.AreEqual(0, InternetChecksum.Compute(frame.AsSpan(14, 20)));
            }
        }
    }

    [TestMethod]
    public void Content_changes_nothing_of_the_header()
    {
        foreach (var ends in Ends.Both)
        {
            var (bare, with) = (Write(ends, 0).Frame, Write(ends, 100).Frame);
            var transport = ClientFrame.TransportOffset(ends.Key);
            CollectionAssert.AreEqual(bare[transport..], with[transport..^100]);
            Assert.AreEqual(1001u, BinaryPrimitives.ReadUInt32BigEndian(with.AsSpan(transport + 4)));
            Assert.AreEqual(5001u, BinaryPrimitives.ReadUInt32BigEndian(with.AsSpan(transport + 8)));
            Assert.AreEqual((byte)(TcpFlags.Ack | TcpFlags.Psh | TcpFlags.Fin), with[transport + 13]);
        }
    }

    /// <summary>The other writer of frames in these tests computes its checksums itself.</summary>
    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(1459)]
    public void A_checksum_is_the_one_that_any_other_stack_computes(int bytes)
    {
        foreach (var ends in Ends.Both)
        {
            var (frame, payload) = Write(ends, bytes);
            ClientFrame.FillTcpChecksum(frame, ends.Key);
            var transport = ClientFrame.TransportOffset(ends.Key);
            var expected = ends.FromClient().Seq(1001).Ack(5001).Flags(TcpFlags.Ack | TcpFlags.Psh | TcpFlags.Fin).Window(512).Payload(payload).ToBytes();
            Assert.AreEqual(Convert.ToHexStringLower(expected.AsSpan(transport)), Convert.ToHexStringLower(frame.AsSpan(transport)));
        }
    }

    [TestMethod]
    public void What_stood_in_the_checksum_does_not_count()
    {
        var (frame, _) = Write(Ends.V4, 10);
        ClientFrame.FillTcpChecksum(frame, Ends.V4.Key);
        var first = frame.ToArray();
        ClientFrame.FillTcpChecksum(frame, Ends.V4.Key);
        CollectionAssert.AreEqual(first, frame);
    }

    private static (byte[] Frame, byte[] Payload) Write(Ends ends, int bytes)
    {
        byte[] payload = [.. Enumerable.Range(0, bytes).Select(i => (byte)((i * 13) + 5))];
        byte[] frame = [.. Enumerable.Repeat<byte>(0xee, ClientFrame.MaxLength + bytes)];
        var length = ClientFrame.WriteSegment(
            frame, ends.Key, Scene.Node0, 1001, 5001, TcpFlags.Ack | TcpFlags.Psh | TcpFlags.Fin, 512, payload);
        return (frame[..length], payload);
    }
}
