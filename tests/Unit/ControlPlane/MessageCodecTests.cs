using Appliance.Bpf.Layout;
using Appliance.ControlPlane;
using FsCheck;
using FsCheck.Fluent;

namespace Appliance.Tests.Unit.ControlPlane;

[TestClass]
public sealed class MessageCodecTests
{
    private static readonly byte[] Secret = Convert.FromHexString("000102030405060708090a0b0c0d0e0f");

    /// <summary>The message of <see cref="Golden"/>.</summary>
    private static readonly Message Known = new()
    {
        Kind = MessageKind.Heartbeat,
        Node = "node1",
        Role = NodeRole.Active,
        Epoch = 7,
        Instance = 1_700_000_000_000_000_000,
        Sequence = 42,
        SentNs = 123_456_789,
        EchoNs = 111,
        Lease = TimeSpan.FromMilliseconds(500),
        Mac = new MacAddress(0x02, 0xb0, 0, 0, 0, 0x10),
        Flows = new FlowSummary(10, 9, 1, 3),
        Takeover = new TakeoverReport(6, 1000, 2000, 10),
        ReplicaSince = 5,
        IsPrepared = true,
        Servers = new ServerCondition(0x10200, TimeSpan.FromMilliseconds(1234), IsFailing: true),
    };

    /// <summary>Version 2 on the wire, made by another program. A change of these bytes is a change of the protocol.</summary>
    private const string Golden =
        "41504c4802010103" + // magic "APLH", version, kind, role, flags
        "6e6f64653100000000000000" + "00000000" + // name
        "0000000000000007" + "17979cfe362a0000" + "000000000000002a" + // epoch, instance, sequence
        "00000000075bcd15" + "000000000000006f" + "000000001dcd6500" + // sent, echo, lease in nanoseconds
        "02b000000010" + "0000" + // MAC
        "0000000a" + "00000009" + "00000001" + "00000003" + // flows: replicas, in step, diverged, held segments
        "0000000000000006" + "00000000000003e8" + "00000000000007d0" + "0000000a" + // takeover: epoch, ordered, first segment, flows
        "000004d2" + "0000000000000005" + "0000000000010200" + // servers stalled, replica since, servers ended
        "2d2af7b03aba48300eeb519cbea7a5d120e1150793348d2ec69087e9a9ce6257"; // HMAC-SHA256

    /// <summary>No epoch is as high.</summary>
    private const ulong EpochLimit = 1UL << 47;

    private readonly MessageCodec _codec = new(Secret);

    [TestMethod]
    public void Version_2_is_these_bytes()
    {
        Assert.AreEqual(Golden, Convert.ToHexStringLower(Write(Known)));
        Assert.AreEqual(MessageError.None, _codec.TryRead(Convert.FromHexString(Golden), out var message));
        Assert.AreEqual(Known, message);
    }

    [TestMethod]
    public void Everything_comes_back_as_it_was_sent() => Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), (Action<int>)(seed =>
    {
        var sent = Any(new Random(seed));
        Assert.AreEqual(MessageError.None, _codec.TryRead(Write(sent), out var received));
        Assert.AreEqual(sent, received);
    })).Check(Config.QuickThrowOnFailure);

    [TestMethod]
    public void Every_other_length_is_refused()
    {
        var datagram = Write(Known);
        for (var length = 0; length < datagram.Length; length++)
        {
            Assert.AreEqual(MessageError.Length, _codec.TryRead(datagram.AsSpan(0, length), out _), $"{length} bytes");
        }
        Assert.AreEqual(MessageError.Length, _codec.TryRead([.. datagram, 0], out _));
    }

    [TestMethod]
    public void Every_flipped_bit_is_noticed()
    {
        var datagram = Write(Known);
        for (var bit = 0; bit < datagram.Length * 8; bit++)
        {
            var altered = (byte[])datagram.Clone();
            altered[bit / 8] ^= (byte)(1 << (bit % 8));
            var expected = bit < 32 ? MessageError.Foreign : bit < 40 ? MessageError.Version : MessageError.Forged;
            Assert.AreEqual(expected, _codec.TryRead(altered, out var message), $"bit {bit}");
            Assert.AreEqual(default, message, "nothing of it is handed on");
        }
    }

    [TestMethod]
    public void Random_bytes_are_refused_without_an_exception()
    {
        var random = new Random(1);
        var datagram = new byte[MessageCodec.Length];
        for (var i = 0; i < 1000; i++)
        {
            random.NextBytes(datagram);
            Assert.AreNotEqual(MessageError.None, _codec.TryRead(datagram, out _));
        }
    }

    [TestMethod]
    public void Another_key_is_a_forgery() =>
        Assert.AreEqual(MessageError.Forged, new MessageCodec([1, 2, 3]).TryRead(Write(Known), out _));

    [TestMethod]
    [DataRow((byte)0, (byte)0)]
    [DataRow((byte)3, (byte)0)]
    [DataRow((byte)1, (byte)2)]
    [DataRow((byte)255, (byte)255)]
    public void Authentic_nonsense_is_refused(byte kind, byte role) =>
        Assert.AreEqual(MessageError.Content, _codec.TryRead(Write(Known with { Kind = (MessageKind)kind, Role = (NodeRole)role }), out _));

    [TestMethod]
    [DataRow(0UL, MessageError.None)]
    [DataRow(EpochLimit - 1, MessageError.None)]
    [DataRow(EpochLimit, MessageError.Content)]
    [DataRow(1UL << 48, MessageError.Content)]
    [DataRow(ulong.MaxValue, MessageError.Content)]
    public void An_epoch_has_a_limit(ulong epoch, MessageError expected)
    {
        Assert.AreEqual(expected, _codec.TryRead(Write(Known with { Epoch = epoch }), out var message));
        Assert.AreEqual(expected == MessageError.None ? Known with { Epoch = epoch } : default, message);
    }

    [TestMethod]
    [DataRow("", "")]
    [DataRow("sixteen-bytes-ab", "sixteen-bytes-ab")]
    [DataRow("zwölf-nodeß", "zwölf-nodeß")]
    public void Names_may_be_as_long_as_the_field(string name, string expected)
    {
        Assert.AreEqual(MessageError.None, _codec.TryRead(Write(Known with { Node = name }), out var message));
        Assert.AreEqual(expected, message.Node);
    }

    [TestMethod]
    public void The_buffer_may_be_longer_and_dirty()
    {
        var buffer = new byte[MessageCodec.Length + 10];
        buffer.AsSpan().Fill(0xee);
        Assert.AreEqual(Golden, Convert.ToHexStringLower(_codec.Write(Known, buffer)));
    }

    private static Message Any(Random random) => new()
    {
        Kind = (MessageKind)random.Next(1, 3),
        Node = new string([.. Enumerable.Range(0, random.Next(0, 17)).Select(_ => (char)random.Next('-', '{'))]),
        Role = (NodeRole)random.Next(2),
        Epoch = Number(random) % EpochLimit,
        Instance = Number(random),
        Sequence = Number(random),
        SentNs = Number(random),
        EchoNs = Number(random),
        Lease = TimeSpan.FromTicks(random.NextInt64(TimeSpan.FromDays(1000).Ticks)),
        Mac = new MacAddress(BitConverter.GetBytes(Number(random))),
        Flows = new FlowSummary((uint)Number(random), (uint)Number(random), (uint)Number(random), (uint)Number(random)),
        Takeover = new TakeoverReport(Number(random), Number(random), Number(random), (uint)Number(random)),
        ReplicaSince = Number(random),
        IsPrepared = random.Next(2) == 1,
        Servers = new ServerCondition(Number(random), TimeSpan.FromMilliseconds((uint)Number(random)), random.Next(2) == 1),
    };

    private static ulong Number(Random random) => random.Next(4) switch
    {
        0 => ulong.MaxValue,
        1 => 0,
        _ => (ulong)random.NextInt64(long.MinValue, long.MaxValue),
    };

    private byte[] Write(in Message message) => _codec.Write(message, new byte[MessageCodec.Length]).ToArray();
}
