using Appliance.Lab.Traffic.Client;

namespace Appliance.Tests.Unit.Traffic;

[TestClass]
public sealed class PaceTests
{
    private const long Ms = 1_000_000;

    [TestMethod]
    public void TurnsAreEvenlySpreadOverTheThinkTime()
    {
        var schedule = new EchoSchedule(connections: 4, periodNs: 20 * Ms, startNs: 100 * Ms);
        for (int turn = 0; turn < 10; turn++)
        {
            long due = (100 + (turn * 5)) * Ms;
            Assert.AreEqual(due, schedule.NextAt);
            Assert.IsFalse(schedule.TryTake(due - 1, out _));
            Assert.IsTrue(schedule.TryTake(due, out int connection));
            Assert.AreEqual(turn % 4, connection);
        }
    }

    [TestMethod]
    public void LateTurnsAreCaughtUpButNotWholeRounds()
    {
        var schedule = new EchoSchedule(connections: 4, periodNs: 20 * Ms, startNs: 0);
        int taken = 0;
        while (schedule.TryTake(1_000 * Ms, out int connection))
        {
            Assert.AreEqual(taken++ % 4, connection);
        }

        Assert.IsLessThanOrEqualTo(5, taken);
        Assert.IsGreaterThan(1_000 * Ms, schedule.NextAt);
    }

    [TestMethod]
    public void PacerKeepsTheRateAndCatchesUpLittle()
    {
        var pacer = new Pacer(1_000_000);
        Assert.AreEqual(0, pacer.Pause(50_000, 1_000 * Ms));
        Assert.AreEqual(10 * Ms, pacer.Pause(10_000, 1_000 * Ms));
        Assert.AreEqual(0, pacer.Pause(10_000, 1_020 * Ms));
        Assert.AreEqual(50 * Ms, pacer.Pause(100_000, 9_000 * Ms));
    }

    [TestMethod]
    public void PacerWithoutRateNeverPauses()
    {
        var pacer = new Pacer(0);
        Assert.IsFalse(pacer.IsLimited);
        Assert.AreEqual(0, pacer.Pause(int.MaxValue, 1));
    }
}
