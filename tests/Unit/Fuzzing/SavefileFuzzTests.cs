using System.Buffers.Binary;
using Appliance.Lab.Savefiles;
using Appliance.Packets;
using Appliance.Savefiles;
using Appliance.Tests.Support;
using Appliance.Tests.Unit.Savefiles;

namespace Appliance.Tests.Unit.Fuzzing;

/// <summary>Damaged savefiles: what can be read is read, the rest is refused with a <see cref="SavefileException"/>.</summary>
[TestClass]
public sealed class SavefileFuzzTests
{
    private const int Times = 10_000;

    /// <summary>libpcap's own buffer for a packet, and what this program keeps of an open file.</summary>
    private const long Allowance = 2 << 20;

    [TestMethod]
    public void Damaged_savefiles_are_read_as_far_as_they_are_good()
    {
        var (read, refused) = (0, 0);
        Fuzz.Run([Pcap(), PcapNg(bigEndian: false), PcapNg(bigEndian: true)], Times, Allowance, file =>
        {
            try
            {
                using var reader = new SavefileReader(new MemoryStream(file), "name");
                var streams = SavefileStreams.Read(reader, "name");
                foreach (var stream in streams.Streams)
                {
                    Assert.IsLessThanOrEqualTo(file.Length, stream.Pieces.Sum(piece => piece.Bytes.Length), "no byte comes from nowhere");
                }

                read++;
            }
            catch (SavefileException exception)
            {
                Assert.StartsWith("name: ", exception.Message, StringComparison.Ordinal);
                refused++;
            }
        });
        Assert.IsGreaterThan(Times / 10, read, "most damages leave something to be read");
        Assert.IsGreaterThan(0, refused);
    }

    private static byte[] Pcap() => Sample.File(static frames =>
    {
        frames.WriteHandshake(Sample.V4, Sample.Handshake(Sample.AllOptions));
        frames.Write(Sample.V4, Sample.Handshake(), 0, 5001, fin: false, 1, "first"u8);
        frames.Write(Sample.V6, Sample.Handshake(), 0, 5001, fin: false, 2, "second"u8);
        frames.Write(Sample.V4, Sample.Handshake(), 5, 5001, fin: true, 3, "third"u8);
    });

    /// <summary>A section, an interface of Ethernet, and two enhanced packets, in either byte order.</summary>
    private static byte[] PcapNg(bool bigEndian)
    {
        byte[][] frames = [Ends.V4.FromClient().Seq(1000).Syn().ToBytes(), Ends.V4.FromClient().Seq(1001).Ack(5001).Payload(100).ToBytes()];
        return
        [
            .. Block(0x0a0d0d0a, [.. Number(0x1a2b3c4d), .. Half(1), .. Half(0), .. Number(0xffffffff), .. Number(0xffffffff)]),
            .. Block(1, [.. Half(1), .. Half(0), .. Number(262144)]),
            .. frames.SelectMany((frame, i) => Block(6, [.. Number(0), .. Number(0), .. Number((uint)i), .. Number((uint)frame.Length), .. Number((uint)frame.Length), .. frame])),
        ];

        byte[] Block(uint type, byte[] body)
        {
            var length = Number((uint)(12 + ((body.Length + 3) / 4 * 4)));
            return [.. Number(type), .. length, .. body, .. new byte[(4 - (body.Length % 4)) % 4], .. length];
        }

        byte[] Number(uint value)
        {
            var bytes = new byte[4];
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, bigEndian ? BinaryPrimitives.ReverseEndianness(value) : value);
            return bytes;
        }

        byte[] Half(ushort value)
        {
            var bytes = new byte[2];
            BinaryPrimitives.WriteUInt16LittleEndian(bytes, bigEndian ? BinaryPrimitives.ReverseEndianness(value) : value);
            return bytes;
        }
    }
}
