using Appliance.Net;

namespace Appliance.Tests.Unit.Net;

[TestClass]
public sealed class SysctlTests
{
    [TestMethod]
    [DataRow("net.ipv4.tcp_rmem", "/proc/sys/net/ipv4/tcp_rmem")]
    [DataRow("net.ipv4.conf.eth0/100.rp_filter", "/proc/sys/net/ipv4/conf/eth0.100/rp_filter")]
    public void Names_become_paths(string name, string path) => Assert.AreEqual(path, Sysctl.PathOf(name), StringComparer.Ordinal);

    [TestMethod]
    public void Interface_names_may_contain_dots() =>
        Assert.AreEqual(
            "net.ipv6.conf.eth0/100.accept_ra", Sysctl.ForInterface("ipv6", "eth0.100", "accept_ra"), StringComparer.Ordinal);

    [TestMethod]
    [DataRow("")]
    [DataRow("net..ipv4")]
    [DataRow(".net")]
    [DataRow("net.//.x")]
    [DataRow("net.ipv4.conf./.rp_filter")]
    public void Names_that_leave_the_tree_are_argument_errors(string name) =>
        Assert.ThrowsExactly<ArgumentException>(() => Sysctl.PathOf(name));

    [TestMethod]
    public void A_setting_the_kernel_does_not_have_is_missing_and_needs_no_remedy()
    {
        using var scope = new SysctlScope();
        Assert.AreEqual(SysctlStatus.Missing, Sysctl.Read("net.ipv4.no_such_setting", out _));
        Assert.AreEqual(SysctlStatus.Missing, Sysctl.Write("net.ipv4.no_such_setting", "1"));
        Assert.AreEqual(SysctlStatus.Missing, scope.Set("net.ipv4.no_such_setting", "1"));
        Assert.IsEmpty(scope.Remedies);
    }

    [TestMethod]
    public void A_read_only_setting_is_not_writable_but_its_own_value_is_ok()
    {
        using var scope = new SysctlScope();
        Assert.AreEqual(SysctlStatus.Ok, Sysctl.Read("kernel.ostype", out var value));
        Assert.AreEqual("Linux", value, StringComparer.Ordinal);
        Assert.AreEqual(SysctlStatus.Ok, scope.Set("kernel.ostype", "Linux"));
        Assert.AreEqual(SysctlStatus.NotWritable, scope.Set("kernel.ostype", "Plan9"));
        CollectionAssert.AreEqual(new[] { "set kernel.ostype=Plan9" }, scope.Remedies.ToArray());
    }
}
