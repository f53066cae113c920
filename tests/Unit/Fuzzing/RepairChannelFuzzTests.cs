using Appliance.RepairChannel;
using Appliance.Tests.Support;
using Appliance.Tests.Support.Fuzzing;
using Appliance.Tests.Unit.RepairChannel;

namespace Appliance.Tests.Unit.Fuzzing;

/// <summary>Sessions of the repair channel whose peer's bytes were damaged on the way, or come from a stranger, over real sockets.</summary>
[TestClass]
public sealed class RepairChannelFuzzTests
{
    private const int Sessions = 300;
    private const ulong Later = 100_000_000_000;

    /// <summary>More than a session's buffers for a stranger, far less than a frame of any length that one may claim.</summary>
    private const long StrangersAllowance = 1 << 20;

    [TestMethod]
    [DataRow(ChannelRole.Node)]
    [DataRow(ChannelRole.Gateway)]
    public void What_a_damaged_stream_delivers_was_sent(ChannelRole role)
    {
        var ended = 0;
        Repeat((random, mutator) =>
        {
            using var peer = RawPeer.CreateReady(role);
            var bodies = Enumerable.Range(1, 4).Select(number => Body(role, number, random)).ToList();
            var stream = bodies.SelectMany(body => peer.Frame(KindOf(role), body)).ToArray();
            var fault = SendAndPump(peer, mutator.Damage(stream, stream));
            ended += fault == ChannelFault.None ? 0 : 1;
            Assert.IsLessThanOrEqualTo(bodies.Count, peer.Delivered.Count);
            foreach (var ((kind, body), sent) in peer.Delivered.Zip(bodies))
            {
                Assert.AreEqual(KindOf(role), kind);
                CollectionAssert.AreEqual(sent, body);
            }
        });
        Assert.IsGreaterThan(Sessions / 2, ended, "most damages are noticed, the others cut the stream off between two frames");
    }

    [TestMethod]
    [DataRow(ChannelRole.Node)]
    [DataRow(ChannelRole.Gateway)]
    public void A_stranger_gets_nothing_delivered_and_little_memory(ChannelRole role) => Repeat((random, mutator) =>
    {
        using var peer = RawPeer.Create(role);
        var hello = new byte[ChannelHello.Length];
        peer.Hello.Write(hello);
        var greeting = mutator.Damage([.. hello, .. peer.Frame(FrameKind.Proof), .. peer.Frame(KindOf(role), Body(role, 1, random))], hello);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        SendAndPump(peer, greeting);
        Assert.IsLessThan(StrangersAllowance, GC.GetAllocatedBytesForCurrentThread() - allocated);
        Assert.IsEmpty(peer.Delivered);
        Assert.IsFalse(peer.Session.IsReady);
        Assert.AreEqual("", peer.Session.PeerName);
    });

    [TestMethod]
    public void Entries_of_any_bytes_are_read_and_written_again() => Repeat((random, _) =>
    {
        ReadAgain<ProgressEntry>(random);
        ReadAgain<NeedEntry>(random);
        ReadAgain<LostEntry>(random);
        ReadAgain<DatagramProgressEntry>(random);
        ReadAgain<RepairedEntry>(random);
        ReadAgain<FlowEntry>(random);
        ReadAgain<GoneEntry>(random);
        ReadAgain<PositionEntry>(random);
        ReadAgain<EndEntry>(random);
        ReadAgain<DatagramStandingEntry>(random);
    });

    private static void Repeat(Action<Random, Mutator> once)
    {
        var seed = FuzzSeed.Next();
        var random = new Random(seed);
        var mutator = new Mutator(random);
        for (var i = 0; i < Sessions; i++)
        {
            try
            {
                once(random, mutator);
            }
            catch (Exception exception)
            {
                throw new AssertFailedException($"session {i}: {exception.Message} {FuzzSeed.Hint(seed)}", exception);
            }
        }
    }

    /// <summary>Lets the session read everything, and then the time pass in which it awaits the rest.</summary>
    private static ChannelFault SendAndPump(RawPeer peer, byte[] bytes)
    {
        const int Enough = 4;
        peer.Send(bytes);
        try
        {
            for (var i = 0; i < Enough; i++)
            {
                peer.Pump();
            }

            peer.NowNs += Later;
            peer.Pump();
            peer.NowNs += Later;
            peer.Pump();
            return ChannelFault.None;
        }
        catch (ChannelException exception)
        {
            return exception.Fault;
        }
    }

    private static void ReadAgain<T>(Random random)
        where T : struct, IFrameEntry<T>
    {
        var body = new byte[(T.Size * random.Next(4)) + random.Next(T.Size)];
        random.NextBytes(body);
        var count = 0;
        foreach (var entry in new FrameEntries<T>(body))
        {
            var again = new byte[T.Size];
            entry.Write(again);
            Assert.AreEqual(entry, T.Read(again));
            count++;
        }

        Assert.AreEqual(body.Length / T.Size, count);
    }

    private static FrameKind KindOf(ChannelRole role) => role == ChannelRole.Node ? FrameKind.Lost : FrameKind.Bytes;

    private static byte[] Body(ChannelRole role, int number, Random random)
    {
        var body = new byte[role == ChannelRole.Node ? LostEntry.Length : BytesHeader.Length + random.Next(2000)];
        random.NextBytes(body);
        if (role == ChannelRole.Node)
        {
            new LostEntry(Ends.V4.Key, (uint)number).Write(body);
        }

        return body;
    }
}
