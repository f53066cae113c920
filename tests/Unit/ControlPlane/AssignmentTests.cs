using Appliance.ControlPlane;

namespace Appliance.Tests.Unit.ControlPlane;

[TestClass]
public sealed class AssignmentTests
{
    [TestMethod]
    [DataRow(1ul, 0, (byte)0b0010, 0x1_02_00ul)]
    [DataRow(1ul, 3, (byte)0b0111, 0x1_07_03ul)]
    [DataRow(0x1234_5678_9abcul, 1, (byte)0b1101, 0x1234_5678_9abc_0d_01ul)]
    [DataRow(9ul, -1, (byte)0b0011, 0x9_03_fful)]
    public void The_word_holds_epoch_replicas_and_active(ulong epoch, int active, byte replicas, ulong word) =>
        Assert.AreEqual(word, new Assignment(epoch, active, replicas).Word);

    [TestMethod]
    public void Nobody_is_a_word_too() => Assert.AreEqual(0xfful, Assignment.None.Word);

    [TestMethod]
    public void Roles_follow_from_it()
    {
        var assignment = new Assignment(1, 2, 0b001);
        CollectionAssert.AreEqual(
            new[] { NodeRole.Replica, NodeRole.Replica, NodeRole.Active }, Enumerable.Range(0, 3).Select(assignment.RoleOf).ToArray());
        CollectionAssert.AreEqual(new[] { true, false, false }, Enumerable.Range(0, 3).Select(assignment.IsReplica).ToArray());
    }
}
