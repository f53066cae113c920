using Appliance.RepairChannel;

namespace Appliance.Tests.Unit.RepairChannel;

/// <summary>The bytes were made by another program. A change of them is a change of the protocol.</summary>
[TestClass]
public sealed class ChannelHelloTests
{
    private const string GoldenNode =
        "41505243" + "01" + "01" + "0000" + // magic "APRC", version, role
        "6e6f6465310000000000000000000000" + // name
        "17979cfe362a0000" + "101112131415161718191a1b1c1d1e1f"; // instance, nonce

    private const string GoldenGateway =
        "41505243" + "01" + "02" + "0000" +
        "00000000000000000000000000000000" +
        "17979cfe362a0001" + "202122232425262728292a2b2c2d2e2f";

    private const string GoldenNodeProof = "00000000" + "01" + "000000" + "0000000000000000" + "0ab0ebc44aef4e4ecd3ebbf348d054eb";
    private const string GoldenGatewayProof = "00000000" + "01" + "000000" + "0000000000000000" + "16a101cf3deff125b2419fc9b6d1c200";
    private const string GoldenScanDone =
        "00000010" + "11" + "000000" + "0000000000000001" + "0000000000000007" + "0000000000000005" + "d66cc78422b3de6c64257f687b3f042e";

    private static readonly ChannelHello Node =
        new(ChannelRole.Node, "node1", 1_700_000_000_000_000_000, new UInt128(0x1011121314151617, 0x18191a1b1c1d1e1f));

    private static readonly ChannelHello Gateway =
        new(ChannelRole.Gateway, "", 1_700_000_000_000_000_001, new UInt128(0x2021222324252627, 0x28292a2b2c2d2e2f));

    [TestMethod]
    public void Version_1_is_these_bytes()
    {
        Assert.AreEqual(GoldenNode, Convert.ToHexStringLower(Write(Node)));
        Assert.AreEqual(GoldenGateway, Convert.ToHexStringLower(Write(Gateway)));
        Assert.AreEqual(ChannelFault.None, ChannelHello.TryRead(Write(Node), ChannelRole.Node, out var hello));
        Assert.AreEqual(Node, hello);
        Assert.AreEqual(ChannelFault.None, ChannelHello.TryRead(Write(Gateway), ChannelRole.Gateway, out hello));
        Assert.AreEqual(Gateway, hello);
    }

    [TestMethod]
    public void Proofs_and_frames_are_these_bytes()
    {
        using var node = ChannelKeys.Derive(ChannelPair.Secret, ChannelRole.Node, Write(Node), Write(Gateway));
        using var gateway = ChannelKeys.Derive(ChannelPair.Secret, ChannelRole.Gateway, Write(Node), Write(Gateway));
        var proof = new byte[FrameHeader.Overhead];
        gateway.Close(FrameKind.Proof, proof);
        Assert.AreEqual(GoldenGatewayProof, Convert.ToHexStringLower(proof));
        node.Close(FrameKind.Proof, proof);
        Assert.AreEqual(GoldenNodeProof, Convert.ToHexStringLower(proof));
        var frame = new byte[FrameHeader.Overhead + ScanDoneEntry.Length];
        new ScanDoneEntry(7, 5).Write(frame.AsSpan(FrameHeader.Length));
        node.Close(FrameKind.ScanDone, frame);
        Assert.AreEqual(GoldenScanDone, Convert.ToHexStringLower(frame));
        Assert.AreEqual(new FrameHeader(16, FrameKind.ScanDone, 1), FrameHeader.Read(frame));
    }

    [TestMethod]
    public void Keys_differ_by_secret_direction_and_each_bit_of_both_hellos()
    {
        var (node, gateway) = (Write(Node), Write(Gateway));
        var seen = new HashSet<string>();
        void Add(byte[] secret, ChannelRole sender)
        {
            var proof = new byte[FrameHeader.Overhead];
            using var seal = ChannelKeys.Derive(secret, sender, node, gateway);
            seal.Close(FrameKind.Proof, proof);
            Assert.IsTrue(seen.Add(Convert.ToHexString(proof)));
        }
        Add(ChannelPair.Secret, ChannelRole.Node);
        Add(ChannelPair.Secret, ChannelRole.Gateway);
        Add([.. ChannelPair.Secret, 1], ChannelRole.Node);
        foreach (var hello in new[] { node, gateway })
        {
            for (var bit = 0; bit < 8 * hello.Length; bit++)
            {
                hello[bit / 8] ^= (byte)(1 << (bit % 8));
                Add(ChannelPair.Secret, ChannelRole.Node);
                hello[bit / 8] ^= (byte)(1 << (bit % 8));
            }
        }
    }

    [TestMethod]
    [DataRow(0, (byte)'B', ChannelFault.Foreign)]
    [DataRow(4, (byte)2, ChannelFault.Version)]
    [DataRow(4, (byte)0, ChannelFault.Version)]
    [DataRow(5, (byte)2, ChannelFault.Role)]
    [DataRow(5, (byte)0, ChannelFault.Role)]
    [DataRow(7, (byte)1, ChannelFault.Content)]
    [DataRow(8, (byte)0, ChannelFault.Content)]
    [DataRow(8, (byte)0xff, ChannelFault.Content)]
    [DataRow(20, (byte)'x', ChannelFault.Content)]
    public void What_is_not_a_hello_is_refused(int at, byte value, ChannelFault expected)
    {
        var bytes = Write(Node);
        bytes[at] = value;
        Assert.AreEqual(expected, ChannelHello.TryRead(bytes, ChannelRole.Node, out var hello));
        Assert.AreEqual(default, hello);
    }

    [TestMethod]
    public void No_two_hellos_have_the_same_nonce() => Assert.AreNotEqual(
        ChannelHello.Create(ChannelRole.Node, "node1", 1).Nonce,
        ChannelHello.Create(ChannelRole.Node, "node1", 1).Nonce);

    [TestMethod]
    [DataRow("sixteen-bytes-ab")]
    [DataRow("zwölf-nodeß")]
    public void Names_may_be_as_long_as_the_field(string name)
    {
        Assert.AreEqual(ChannelFault.None, ChannelHello.TryRead(Write(ChannelHello.Create(ChannelRole.Node, name, 1)), ChannelRole.Node, out var hello));
        Assert.AreEqual(name, hello.Name);
    }

    private static byte[] Write(ChannelHello hello)
    {
        var bytes = new byte[ChannelHello.Length];
        hello.Write(bytes);
        return bytes;
    }
}
