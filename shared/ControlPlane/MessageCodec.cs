using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;
using Appliance.Bpf.Layout;
using Appliance.Native;

namespace Appliance.ControlPlane;

/// <summary>
/// The control datagram's bytes, version 2: fixed length, big endian, closed by an HMAC-SHA256 over all before it.
/// docs/protocol.md shows the layout; a golden test guards it.
/// </summary>
public sealed class MessageCodec(ReadOnlySpan<byte> secret)
{
    /// <summary>Bytes of every datagram.</summary>
    public const int Length = BodyLength + HMACSHA256.HashSizeInBytes;

    private const uint Magic = 0x41504C48; // "APLH"
    private const byte Version = 2;
    private const byte PreparedFlag = 1;
    private const byte FailingFlag = 2;

    /// <summary>Most bytes of a node's name, UTF-8.</summary>
    public const int MaxNameLength = 16;

    /// <summary>No epoch is as high: the gateway's programs keep 48 bits of it.</summary>
    private const ulong EpochLimit = 1UL << 47;

    private const int BodyLength = 144;

    private readonly byte[] _secret = secret.ToArray();

    /// <summary>Writes a message; returns the used part of <paramref name="buffer"/>.</summary>
    public Span<byte> Write(in Message message, Span<byte> buffer)
    {
        var b = buffer[..Length];
        b.Clear();
        BinaryPrimitives.WriteUInt32BigEndian(b, Magic);
        b[4] = Version;
        b[5] = (byte)message.Kind;
        b[6] = (byte)message.Role;
        b[7] = (byte)((message.IsPrepared ? PreparedFlag : 0) | (message.Servers.IsFailing ? FailingFlag : 0));
        Encoding.UTF8.TryGetBytes(message.Node, b.Slice(8, MaxNameLength), out _);
        BinaryPrimitives.WriteUInt64BigEndian(b[24..], message.Epoch);
        BinaryPrimitives.WriteUInt64BigEndian(b[32..], message.Instance);
        BinaryPrimitives.WriteUInt64BigEndian(b[40..], message.Sequence);
        BinaryPrimitives.WriteUInt64BigEndian(b[48..], message.SentNs);
        BinaryPrimitives.WriteUInt64BigEndian(b[56..], message.EchoNs);
        BinaryPrimitives.WriteUInt64BigEndian(b[64..], MonotonicClock.Nanoseconds(message.Lease));
        message.Mac.CopyTo(b.Slice(72, MacAddress.Length));
        BinaryPrimitives.WriteUInt32BigEndian(b[80..], message.Flows.Replicas);
        BinaryPrimitives.WriteUInt32BigEndian(b[84..], message.Flows.InStep);
        BinaryPrimitives.WriteUInt32BigEndian(b[88..], message.Flows.Diverged);
        BinaryPrimitives.WriteUInt32BigEndian(b[92..], message.Flows.Held);
        BinaryPrimitives.WriteUInt64BigEndian(b[96..], message.Takeover.Epoch);
        BinaryPrimitives.WriteUInt64BigEndian(b[104..], message.Takeover.OrderedNs);
        BinaryPrimitives.WriteUInt64BigEndian(b[112..], message.Takeover.FirstSegmentNs);
        BinaryPrimitives.WriteUInt32BigEndian(b[120..], message.Takeover.Flows);
        BinaryPrimitives.WriteUInt32BigEndian(b[124..], (uint)Math.Min(message.Servers.Stalled.TotalMilliseconds, uint.MaxValue));
        BinaryPrimitives.WriteUInt64BigEndian(b[128..], message.ReplicaSince);
        BinaryPrimitives.WriteUInt64BigEndian(b[136..], message.Servers.Ended);
        HMACSHA256.HashData(_secret, b[..BodyLength], b[BodyLength..]);
        return b;
    }

    /// <summary>Reads a message; says what is wrong with anything else, without throwing.</summary>
    public MessageError TryRead(ReadOnlySpan<byte> b, out Message message)
    {
        message = default;
        if (b.Length != Length)
        {
            return MessageError.Length;
        }
        if (BinaryPrimitives.ReadUInt32BigEndian(b) != Magic)
        {
            return MessageError.Foreign;
        }
        if (b[4] != Version)
        {
            return MessageError.Version;
        }
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_secret, b[..BodyLength], mac);
        if (!CryptographicOperations.FixedTimeEquals(mac, b[BodyLength..]))
        {
            return MessageError.Forged;
        }
        var name = b.Slice(8, MaxNameLength);
        name = name.IndexOf((byte)0) is >= 0 and var end ? name[..end] : name;
        var lease = BinaryPrimitives.ReadUInt64BigEndian(b[64..]);
        if (b[5] is < (byte)MessageKind.Heartbeat or > (byte)MessageKind.Assignment
            || b[6] > (byte)NodeRole.Active
            || (b[7] & ~(PreparedFlag | FailingFlag)) != 0
            || !Utf8.IsValid(name)
            || lease > long.MaxValue
            || BinaryPrimitives.ReadUInt64BigEndian(b[24..]) >= EpochLimit)
        {
            return MessageError.Content;
        }
        message = new Message
        {
            Kind = (MessageKind)b[5],
            Role = (NodeRole)b[6],
            Node = Encoding.UTF8.GetString(name),
            Epoch = BinaryPrimitives.ReadUInt64BigEndian(b[24..]),
            Instance = BinaryPrimitives.ReadUInt64BigEndian(b[32..]),
            Sequence = BinaryPrimitives.ReadUInt64BigEndian(b[40..]),
            SentNs = BinaryPrimitives.ReadUInt64BigEndian(b[48..]),
            EchoNs = BinaryPrimitives.ReadUInt64BigEndian(b[56..]),
            Lease = MonotonicClock.Duration(lease),
            ReplicaSince = BinaryPrimitives.ReadUInt64BigEndian(b[128..]),
            IsPrepared = (b[7] & PreparedFlag) != 0,
            Servers = new ServerCondition(
                BinaryPrimitives.ReadUInt64BigEndian(b[136..]),
                TimeSpan.FromMilliseconds(BinaryPrimitives.ReadUInt32BigEndian(b[124..])),
                (b[7] & FailingFlag) != 0),
            Mac = new MacAddress(b.Slice(72, MacAddress.Length)),
            Flows = new FlowSummary(
                BinaryPrimitives.ReadUInt32BigEndian(b[80..]),
                BinaryPrimitives.ReadUInt32BigEndian(b[84..]),
                BinaryPrimitives.ReadUInt32BigEndian(b[88..]),
                BinaryPrimitives.ReadUInt32BigEndian(b[92..])),
            Takeover = new TakeoverReport(
                BinaryPrimitives.ReadUInt64BigEndian(b[96..]),
                BinaryPrimitives.ReadUInt64BigEndian(b[104..]),
                BinaryPrimitives.ReadUInt64BigEndian(b[112..]),
                BinaryPrimitives.ReadUInt32BigEndian(b[120..])),
        };
        return MessageError.None;
    }
}
