using System.Text.Json;
using Appliance.Lab.Demo;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Unit.Demo;

[TestClass]
public sealed class FlowCountsTests
{
    [TestMethod]
    public void Reads_the_replicas_counts()
    {
        const string Status = """
            {"nodes":[{"name":"node1","role":"active","flows":{"replicas":9,"inStep":9,"diverged":9}},
                      {"name":"node2","role":"replica","flows":{"replicas":5,"inStep":4,"diverged":1,"held":2}}]}
            """;
        Assert.AreEqual(new FlowCounts(5, 4, 1), FlowCounts.Read(JsonElement.Parse(Status)));
    }

    [TestMethod]
    [DataRow("[]")]
    [DataRow("{}")]
    [DataRow("""{"nodes":{}}""")]
    [DataRow("""{"nodes":[null,3,{"role":"replica"},{"role":"replica","flows":7},{"role":"down","flows":{"replicas":5}}]}""")]
    public void Counts_nothing_without_a_replica(string json) => Assert.AreEqual(default, FlowCounts.Read(JsonElement.Parse(json)));

    [TestMethod]
    [DataRow(8, 8, 0, false, true)]
    [DataRow(8, 7, 0, false, false)]
    [DataRow(8, 4, 0, true, true)]
    [DataRow(8, 3, 0, true, false)]
    [DataRow(7, 7, 0, true, false)]
    [DataRow(8, 8, 1, true, false)]
    public void Wants_a_replica_of_every_connection(int replicas, int inStep, int diverged, bool patient, bool expected) =>
        Assert.AreEqual(expected, new FlowCounts(replicas, inStep, diverged).AreProtected(8, patient));
}
