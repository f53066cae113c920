using Appliance.Gateway.Recording;

namespace Appliance.Tests.Unit.Recorder;

/// <summary>When the servers of a service are no longer believed to be alike, and when they are again.</summary>
[TestClass]
public sealed class ServiceAgreementTests
{
    private readonly ServiceAgreement _agreement = new();

    [TestMethod]
    [DataRow(9, 9, false, DisplayName = "few connections prove nothing")]
    [DataRow(10, 5, true)]
    [DataRow(100, 49, false)]
    [DataRow(100, 50, true)]
    [DataRow(0, 0, false)]
    public void Half_of_ten_or_more_end_it(int open, int diverged, bool ends)
    {
        Assert.AreEqual(ends, _agreement.Look(open, diverged));
        Assert.AreEqual(ends, _agreement.IsBroken);
    }

    [TestMethod]
    [DataRow(100, 30, false)]
    [DataRow(100, 10, false)]
    [DataRow(100, 9, true)]
    [DataRow(5, 4, false, DisplayName = "few that all differ are no reason to believe again")]
    [DataRow(0, 0, true)]
    public void Less_than_a_tenth_begin_it_again(int open, int diverged, bool begins)
    {
        _agreement.Look(100, 100);
        Assert.AreEqual(begins, _agreement.Look(open, diverged));
        Assert.AreEqual(!begins, _agreement.IsBroken);
    }
}
