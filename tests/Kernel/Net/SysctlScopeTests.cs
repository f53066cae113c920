using Appliance.Net;
using static Appliance.Tests.Kernel.Net.NetworkNamespaceScope;

namespace Appliance.Tests.Kernel.Net;

[TestClass]
public sealed class SysctlScopeTests
{
    private const string Window = "net.ipv4.tcp_rmem";
    private const string Ports = "net.ipv4.ip_local_port_range";

    [TestMethod]
    public void Settings_are_of_the_namespace_and_restored_last_change_first() => Run(static () =>
    {
        Assert.AreEqual(SysctlStatus.Ok, Sysctl.Read(Window, out var original));
        using (var scope = new SysctlScope())
        {
            Assert.AreEqual(SysctlStatus.Ok, scope.Set(Window, "4096 16777216 33554432"));
            Assert.AreEqual(SysctlStatus.Ok, scope.Set(Window, "4096\t1048576\t33554432"));
            Assert.AreEqual(SysctlStatus.Ok, scope.Set(Ports, "20000 30000"));
            Assert.AreEqual("4096 1048576 33554432", Value(Window), StringComparer.Ordinal);
            Assert.AreEqual("4096\t1048576\t33554432", Command("sysctl", "-n " + Window).Trim(), StringComparer.Ordinal);
            Assert.IsEmpty(scope.Remedies);
        }

        Assert.AreEqual(original, Value(Window), StringComparer.Ordinal);
        Assert.AreNotEqual("20000 30000", Value(Ports), StringComparer.Ordinal);
    });

    [TestMethod]
    public void A_value_the_kernel_does_not_take_is_refused_with_a_remedy() => Run(static () =>
    {
        using var scope = new SysctlScope();
        Assert.AreEqual(SysctlStatus.Refused, scope.Set(Ports, "nonsense"));
        CollectionAssert.AreEqual(new[] { $"set {Ports}=nonsense" }, scope.Remedies.ToArray());
    });

    private static string Value(string name)
    {
        Assert.AreEqual(SysctlStatus.Ok, Sysctl.Read(name, out var value));
        return value;
    }
}
