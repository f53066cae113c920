using System.Buffers.Binary;
using Appliance.Savefiles;

namespace Appliance.Tests.Unit.Savefiles;

[TestClass]
public sealed class SavefileReaderTests
{
    private static readonly byte[] s_file = Sample.File(static frames =>
    {
        frames.Write(Sample.V4, Sample.Handshake(), 0, 5001, fin: false, 1, "first"u8);
        frames.Write(Sample.V4, Sample.Handshake(), 5, 5001, fin: false, 2, "second"u8);
    });

    [TestMethod]
    public void A_missing_file_is_named()
    {
        var exception = Assert.ThrowsExactly<SavefileException>(() => SavefileReader.Open("/nonexistent/file.pcap"));
        Assert.StartsWith("/nonexistent/file.pcap: ", exception.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    public void An_empty_file_says_so() =>
        Assert.AreEqual("name: is empty: whoever was to write it never began; record it anew with tcpdump -w or appliance record --write", Refuse([]).Message);

    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    [DataRow(4)]
    [DataRow(23)]
    public void A_beginning_alone_is_no_savefile(int length)
    {
        var exception = Refuse(s_file[..length]);
        Assert.StartsWith($"name: is no savefile, or cut off in its first bytes: it has only {length}; ", exception.Message, StringComparison.Ordinal);
        Assert.AreEqual(length, exception.Bytes);
    }

    [TestMethod]
    public void A_text_is_no_savefile() =>
        Assert.StartsWith("name: is no savefile (unknown file format); ", Refuse("GET / HTTP/1.1\r\nHost: example\r\n\r\n"u8.ToArray()).Message, StringComparison.Ordinal);

    [TestMethod]
    [DataRow(1)]
    [DataRow(40)]
    [DataRow(61)]
    public void Packets_before_a_cut_are_good(int cut)
    {
        var (packets, exception) = ReadAll(s_file[..^cut]);
        Assert.AreEqual(1, packets);
        Assert.AreEqual($"name: is cut off in packet 2, at byte {s_file.Length - cut}: its writer was interrupted; the 1 packets before are good", exception!.Message);
        Assert.AreEqual((1, s_file.Length - cut), (exception.Packets, exception.Bytes));
    }

    [TestMethod]
    public void A_hostile_length_is_damage()
    {
        var file = s_file.ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(24 + 8), 0x7fff_ffff);
        var (packets, exception) = ReadAll(file);
        Assert.AreEqual(0, packets);
        Assert.StartsWith("name: is ", exception!.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    public void What_the_stream_throws_is_the_reason()
    {
        var exception = Assert.ThrowsExactly<SavefileException>(() => new SavefileReader(new BrokenStream(), "name"));
        Assert.AreEqual("name: the disk is gone", exception.Message);
        Assert.IsInstanceOfType<IOException>(exception.InnerException);
    }

    [TestMethod]
    public void What_the_stream_throws_reaches_the_writer()
    {
        using var writer = new SavefileWriter(new BrokenStream(), LinkType.RawIP);
        writer.Write(0, [1, 2, 3]);
        Assert.AreEqual("the disk is full", Assert.ThrowsExactly<IOException>(writer.Flush).Message);
    }

    [TestMethod]
    public void Length_on_the_wire_and_time_survive()
    {
        using var stream = new MemoryStream();
        using (var writer = new SavefileWriter(stream, LinkType.Ethernet))
        {
            writer.Write(1_700_000_000_123_456_789, [1, 2, 3], originalLength: 1500);
            writer.Flush();
            Assert.AreEqual((1, stream.Length), (writer.Packets, writer.Bytes));
        }

        stream.Position = 0;
        using var reader = new SavefileReader(stream, "name");
        Assert.AreEqual(LinkType.Ethernet, reader.LinkType);
        Assert.IsTrue(reader.TryRead(out var packet));
        Assert.AreEqual((1_700_000_000_123_456_789, 1500), (packet.UnixNs, packet.OriginalLength));
        CollectionAssert.AreEqual(new byte[] { 1, 2, 3 }, packet.Data.ToArray());
        Assert.IsFalse(reader.TryRead(out _));
    }

    private static SavefileException Refuse(byte[] file) =>
        Assert.ThrowsExactly<SavefileException>(() => new SavefileReader(new MemoryStream(file), "name"));

    private static (int Packets, SavefileException? Exception) ReadAll(byte[] file)
    {
        using var reader = new SavefileReader(new MemoryStream(file), "name");
        var packets = 0;
        try
        {
            while (reader.TryRead(out _))
            {
                packets++;
            }

            return (packets, null);
        }
        catch (SavefileException exception)
        {
            return (packets, exception);
        }
    }

    private sealed class BrokenStream : MemoryStream
    {
        public override int Read(Span<byte> buffer) => throw new IOException("the disk is gone");

        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("the disk is full");
    }
}
