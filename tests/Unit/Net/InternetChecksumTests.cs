using System.Net;
using Appliance.Net;

namespace Appliance.Tests.Unit.Net;

[TestClass]
public sealed class InternetChecksumTests
{
    private static readonly byte[] Rfc1071Example = Convert.FromHexString("0001f203f4f5f6f7");

    // RFC 1071 section 3; an IPv4 header with its checksum field zero, then filled in; edges
    [TestMethod]
    [DataRow("0001f203f4f5f6f7", (ushort)0x220d)]
    [DataRow("4500007300004000401100" + "00c0a80001c0a800c7", (ushort)0xb861)]
    [DataRow("45000073000040004011b861c0a80001c0a800c7", (ushort)0x0000)]
    [DataRow("", (ushort)0xffff)]
    [DataRow("ff", (ushort)0x00ff)]
    [DataRow("ffffffff", (ushort)0x0000)]
    [DataRow("ffffffff0001", (ushort)0xfffe)]
    public void Known_vectors(string hex, ushort expected) =>
        Assert.AreEqual(expected, InternetChecksum.Compute(Convert.FromHexString(hex)));

    [TestMethod]
    public void Sum_of_the_rfc_example_without_complement() =>
        Assert.AreEqual((ushort)0xddf2, InternetChecksum.FoldUncomplemented(InternetChecksum.Add(0, Rfc1071Example)));

    [TestMethod]
    public void Pieces_of_even_length_add_up_to_the_whole()
    {
        var data = new byte[65_535];
        new Random(1).NextBytes(data);
        var whole = InternetChecksum.Compute(data);
        foreach (var split in new[] { 0, 2, 6, 1460, 65_534 })
        {
            var sum = InternetChecksum.Add(InternetChecksum.Add(0, data.AsSpan(0, split)), data.AsSpan(split));
            Assert.AreEqual(whole, InternetChecksum.Fold(sum), $"split at {split}");
        }
    }

    [TestMethod]
    public void Agrees_with_the_definition_at_every_length()
    {
        var data = new byte[67];
        new Random(2).NextBytes(data);
        for (var length = 0; length <= data.Length; length++)
        {
            var sum = 0;
            for (var i = 0; i < length; i++)
            {
                sum += i % 2 == 0 ? data[i] << 8 : data[i];
                sum = (sum & 0xffff) + (sum >> 16);
            }

            Assert.AreEqual((ushort)~sum, InternetChecksum.Compute(data.AsSpan(0, length)), $"{length} bytes");
        }
    }

    [TestMethod]
    [DataRow("10.0.0.1", "10.0.0.2", (byte)17, "0a0000010a0000020011000c")]
    [DataRow("2001:db8::1", "ff02::1", (byte)58, "20010db8000000000000000000000001ff0200000000000000000000000000010000000c0000003a")]
    public void Pseudo_header_is_that_of_the_rfcs(string source, string destination, byte protocol, string pseudoHeaderHex)
    {
        var sum = InternetChecksum.AddPseudoHeader(
            0, IPAddress.Parse(source).GetAddressBytes(), IPAddress.Parse(destination).GetAddressBytes(), protocol, 12);
        Assert.AreEqual(InternetChecksum.Compute(Convert.FromHexString(pseudoHeaderHex)), InternetChecksum.Fold(sum));
    }
}
