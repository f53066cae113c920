using Appliance.RepairChannel;
using Appliance.Tests.Unit.Datagrams;

namespace Appliance.Tests.Unit.Recording;

/// <summary>The desk against nodes that behave as the programs do: copies are lost, words are late, the service moves to and fro.</summary>
[TestClass]
public sealed class DatagramDeskModelTests : DatagramDeskTest
{
    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    public void Every_datagram_arrives_exactly_once_at_every_replica(int seed)
    {
        var random = new Random(seed);
        var nodes = Enumerable.Range(0, 3).Select(_ => new NodeModel()).ToArray();
        var arrived = nodes.Select(_ => new List<uint>()).ToArray();
        var expected = nodes.Select(_ => new List<uint>()).ToArray();
        var number = uint.MaxValue - 2000; // around 32 bits
        var (active, other) = (0, 1);
        Assign(active, other, 2);
        for (var round = 0; round < 4000; round++)
        {
            for (var burst = random.Next(4); burst > 0; burst--, number++)
            {
                Record(number);
                foreach (var node in (int[])[other, 2])
                {
                    expected[node].Add(number);
                    if (random.Next(100) >= 20 && nodes[node].Receive(number, isRepair: false))
                    {
                        arrived[node].Add(number);
                    }
                }
            }
            Step(random.Next(10) == 0 ? 30 : 5);
            if (random.Next(300) == 0)
            {
                (active, other) = (other, active);
                Assign(active, 2); // the one that lost the service joins anew
                Step(30);
                Assign(active, other, 2);
            }
        }
        for (var i = 0; i < 10; i++)
        {
            Step(30);
        }
        for (var node = 0; node < nodes.Length; node++)
        {
            CollectionAssert.AreEquivalent(expected[node], arrived[node], $"node {node}");
        }
        Assert.AreEqual(0L, Desk.Status.HeldBytes);

        void Step(int milliseconds)
        {
            Wait(milliseconds);
            foreach (var (node, flow, repaired, payload) in Outlet.Datagrams)
            {
                CollectionAssert.AreEqual(PayloadOf(repaired), payload);
                if (nodes[node].Receive(repaired, isRepair: true))
                {
                    arrived[node].Add(repaired);
                }
            }
            Outlet.Datagrams.Clear();
            for (var node = 0; node < nodes.Length; node++)
            {
                if (nodes[node].Knows && random.Next(3) > 0)
                {
                    var bitmap = default(DatagramBitmap);
                    nodes[node].Arrived().CopyTo(bitmap);
                    Desk.OnProgress(node, new DatagramProgressEntry(Flow, nodes[node].Highest, bitmap), Now);
                }
            }
        }
    }
}
