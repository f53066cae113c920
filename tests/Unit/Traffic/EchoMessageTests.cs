using Appliance.Lab.Traffic.Content;

namespace Appliance.Tests.Unit.Traffic;

[TestClass]
public sealed class EchoMessageTests
{
    [TestMethod]
    [DataRow(1)]
    [DataRow(7)]
    [DataRow(8)]
    [DataRow(64)]
    [DataRow(EchoMessage.MaxSize)]
    public void IsDeterministicAndDiffersFromItsNeighbours(int size)
    {
        byte[] message = Message(size, seed: 1, connection: 4, sequence: 9);
        CollectionAssert.AreEqual(message, Message(size, seed: 1, connection: 4, sequence: 9));
        CollectionAssert.AreNotEqual(message, Message(size, seed: 1, connection: 4, sequence: 8));
        CollectionAssert.AreNotEqual(message, Message(size, seed: 1, connection: 4, sequence: 10));
    }

    [TestMethod]
    public void DiffersBetweenConnectionsAndSeeds()
    {
        byte[] message = Message(64, seed: 1, connection: 4, sequence: 9);
        CollectionAssert.AreNotEqual(message, Message(64, seed: 1, connection: 5, sequence: 9));
        CollectionAssert.AreNotEqual(message, Message(64, seed: 2, connection: 4, sequence: 9));
    }

    private static byte[] Message(int size, ulong seed, int connection, long sequence)
    {
        byte[] message = new byte[size];
        EchoMessage.Write(message, new TrafficPattern(seed), connection, sequence);
        return message;
    }
}
