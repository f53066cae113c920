using Appliance.Gateway.Recording;

namespace Appliance.Tests.Unit.Recorder;

[TestClass]
public sealed class RingLevelsTests
{
    private const ulong Mebi = 1 << 20;

    [TestMethod]
    [DataRow(64UL, 8UL, 16UL, 32UL, DisplayName = "an eighth, a quarter and half of a small ring")]
    [DataRow(512UL, 64UL, 128UL, 256UL, DisplayName = "and of a larger one")]
    [DataRow(1024UL, 320UL, 384UL, 512UL, DisplayName = "the notice has a limit")]
    public void Room_becomes_less_in_steps(ulong size, ulong needed, ulong runsShort, ulong scarce)
    {
        Assert.AreEqual(RingRoom.Ample, RingLevels.RoomOf(0, size * Mebi));
        foreach (var (from, room, before) in new[]
        {
            (needed, RingRoom.Needed, RingRoom.Ample), (runsShort, RingRoom.Short, RingRoom.Needed), (scarce, RingRoom.Scarce, RingRoom.Short),
        })
        {
            Assert.AreEqual(before, RingLevels.RoomOf(from * Mebi, size * Mebi));
            Assert.AreEqual(room, RingLevels.RoomOf((from * Mebi) + 1, size * Mebi));
        }
    }
}
