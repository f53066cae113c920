using Appliance.Bench.Footprint;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Unit.Bench;

[TestClass]
public sealed class FootprintTests
{
    private const string Descriptor = "pos:\t0\nflags:\t02000002\nmnt_id:\t15\nino:\t2061\nmap_type:\t1\nkey_size:\t36\nvalue_size:\t88\n"
        + "max_entries:\t131072\nmap_flags:\t0x1\nmap_extra:\t0x0\nmemlock:\t2098048\nmap_id:\t2593\nfrozen:\t0\n";

    [TestMethod]
    public void Reads_a_map()
    {
        Assert.IsTrue(BpfMapInfo.TryParse(Descriptor, out var map));
        Assert.AreEqual(new BpfMapInfo(2593, 1, 36, 88, 131_072, 2_098_048), map);
        Assert.AreEqual("hash", map.TypeName);
    }

    [TestMethod]
    [DataRow("pos:\t0\nflags:\t02\n")]
    [DataRow("prog_type:\t3\nmemlock:\t4096\nprog_id:\t7\n")]
    [DataRow("")]
    public void Passes_other_descriptors_over(string text) => Assert.IsFalse(BpfMapInfo.TryParse(text, out _));

    [TestMethod]
    public void Reads_resident_memory()
    {
        Assert.AreEqual(79_000 * 1024L, ProgramMemory.Resident("Name:\tx\nVmRSS:\t   79000 kB\nThreads:\t3\n"));
        Assert.AreEqual(0, ProgramMemory.Resident("Name:\tx\n"));
    }
}
