using System.Security.Cryptography;
using Appliance.ControlPlane;

namespace Appliance.Tests.Unit.Fuzzing;

/// <summary>
/// Heartbeats and orders. Without the secret no damage passes; and should somebody who has it write nonsense, that is refused, or
/// is a message like any other, which can be written again.
/// </summary>
[TestClass]
public sealed class MessageFuzzTests
{
    private const int Times = 50_000;
    private const long Allowance = 1024;
    private const int SealLength = 32;

    private static readonly byte[] s_secret = Convert.FromHexString("000102030405060708090a0b0c0d0e0f");

    private readonly MessageCodec _codec = new(s_secret);

    [TestMethod]
    public void A_damaged_datagram_is_never_believed()
    {
        var valid = Valid();
        Fuzz.Run(valid, Times, Allowance, datagram =>
        {
            var error = _codec.TryRead(datagram, out var message);
            if (!valid.Any(known => known.AsSpan().SequenceEqual(datagram)))
            {
                Assert.AreNotEqual(MessageError.None, error);
                Assert.AreEqual(default, message);
            }
        });
    }

    [TestMethod]
    public void Authentic_nonsense_is_refused_or_can_be_said_again()
    {
        var (accepted, refused) = (0, 0);
        Fuzz.Run(Valid(), Times, Allowance, damaged =>
        {
            var datagram = new byte[MessageCodec.Length];
            damaged.AsSpan(0, Math.Min(damaged.Length, datagram.Length - SealLength)).CopyTo(datagram);
            HMACSHA256.HashData(s_secret, datagram.AsSpan(0, datagram.Length - SealLength), datagram.AsSpan(datagram.Length - SealLength));
            if (_codec.TryRead(datagram, out var message) == MessageError.None)
            {
                accepted++;
                var again = _codec.Write(message, new byte[MessageCodec.Length]);
                Assert.AreEqual(MessageError.None, _codec.TryRead(again, out var same));
                Assert.AreEqual(message, same);
            }
            else
            {
                refused++;
                Assert.AreEqual(default, message);
            }
        });
        Assert.IsGreaterThan(0, accepted);
        Assert.IsGreaterThan(0, refused);
    }

    private byte[][] Valid() =>
    [
        Write(new Message { Kind = MessageKind.Heartbeat, Node = "node1", Role = NodeRole.Active, Epoch = 7, Instance = 5, Sequence = 42, SentNs = 99, Lease = TimeSpan.FromSeconds(1) }),
        Write(new Message
        {
            Kind = MessageKind.Assignment, Node = "node-with-a-name", Role = NodeRole.Replica, Epoch = (1UL << 47) - 1, Instance = ulong.MaxValue, Sequence = ulong.MaxValue, SentNs = 1,
            Flows = new FlowSummary(uint.MaxValue, 1, 2, 3), Takeover = new TakeoverReport(6, 1000, 2000, 10), Servers = new ServerCondition(0x10200, TimeSpan.FromDays(1), IsFailing: true),
        }),
    ];

    private byte[] Write(in Message message) => _codec.Write(message, new byte[MessageCodec.Length]).ToArray();
}
