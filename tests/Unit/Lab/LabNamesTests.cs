using Appliance.Lab;
using Appliance.Lab.Topology;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Unit.Lab;

[TestClass]
public sealed class LabNamesTests
{
    [TestMethod]
    public void Namespaces_carry_lab_and_host() =>
        Assert.AreEqual("apl-bench-2-node1", LabNames.Create("bench-2").Namespace(LabHost.Node1));

    [TestMethod]
    [DataRow("")]
    [DataRow("../etc")]
    [DataRow("a b")]
    [DataRow("-x")]
    [DataRow("Lab")]
    [DataRow("a-name-that-is-far-too-long-to-be-used")]
    public void Refuses_names_that_are_no_part_of_a_path(string name)
    {
        var error = Assert.ThrowsExactly<LabException>(() => LabNames.Create(name));
        Assert.AreEqual(LabFailure.InvalidArgument, error.Failure);
    }

    [TestMethod]
    public void Every_host_is_found_by_its_name()
    {
        foreach (var host in LabNames.Hosts)
        {
            Assert.IsTrue(LabNames.TryParseHost(LabNames.Of(host), out var found));
            Assert.AreEqual(host, found);
        }

        Assert.IsFalse(LabNames.TryParseHost("primary", out _));
    }
}
