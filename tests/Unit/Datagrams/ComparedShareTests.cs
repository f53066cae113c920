using Appliance.Datagrams;

namespace Appliance.Tests.Unit.Datagrams;

[TestClass]
public sealed class ComparedShareTests
{
    private const ulong Ms = 1_000_000;

    private readonly ComparedShare _share = new();
    private ulong _nowNs = 100_000 * Ms;

    [TestInitialize]
    public void BeginASecond() => _share.Review(0, isLost: false, _nowNs);

    [TestMethod]
    public void Everything_is_compared_while_there_is_room()
    {
        Pass(seconds: 20, perSecond: ComparedShare.MostPerSecond);
        Assert.AreEqual(0u, _share.Mask);
    }

    [TestMethod]
    public void Half_of_the_flows_are_left_out_with_every_second_that_says_too_much()
    {
        Pass(seconds: 1, perSecond: ComparedShare.MostPerSecond + 100);
        Assert.AreEqual(1u, _share.Mask);
        Pass(seconds: 2, perSecond: ComparedShare.MostPerSecond + 100);
        Assert.AreEqual(7u, _share.Mask);
    }

    [TestMethod]
    public void What_found_no_room_is_too_much_at_once()
    {
        Assert.IsTrue(_share.Review(10, isLost: true, _nowNs));
        Assert.AreEqual(1u, _share.Mask);
    }

    [TestMethod]
    public void Calm_of_ten_seconds_takes_flows_in_again()
    {
        Pass(seconds: 3, perSecond: ComparedShare.MostPerSecond + 100);
        Pass(seconds: 9, perSecond: 100);
        Assert.AreEqual(7u, _share.Mask);
        Pass(seconds: 2, perSecond: 100);
        Assert.AreEqual(3u, _share.Mask);
        Pass(seconds: 30, perSecond: 100);
        Assert.AreEqual(0u, _share.Mask);
    }

    [TestMethod]
    public void Some_flows_are_compared_under_any_load()
    {
        Pass(seconds: 100, perSecond: 1_000_000);
        Assert.AreEqual(4095u, _share.Mask);
    }

    private void Pass(int seconds, int perSecond)
    {
        for (var i = 0; i < 100 * seconds; i++)
        {
            _nowNs += 10 * Ms;
            _share.Review(perSecond / 100, isLost: false, _nowNs);
        }
    }
}
