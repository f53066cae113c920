using Appliance.Bench.Measure;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Unit.Bench;

[TestClass]
public sealed class CpuTests
{
    [TestMethod]
    public void Reads_a_process_whose_name_has_spaces_and_parentheses()
    {
        Assert.IsTrue(ProcessCpu.TryParse("42 (a (b) c) S 1 42 42 0 -1 4194304 100 0 0 0 250 50 7 8 20 0 5 0 1000 1 1", out var cpu));
        Assert.AreEqual(new ProcessCpu(250, 50), cpu);
        Assert.AreEqual(3.0, cpu.Seconds);
        Assert.AreEqual(1.0, cpu.Since(new ProcessCpu(200, 0)).Seconds);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("42 (a) S 1 2")]
    [DataRow("42 (a) S 1 42 42 0 -1 4194304 100 0 0 0 many 50 7 8")]
    public void Refuses_what_is_no_process(string text) => Assert.IsFalse(ProcessCpu.TryParse(text, out _));

    [TestMethod]
    public void Reads_the_machine()
    {
        Assert.IsTrue(SystemCpu.TryParse("cpu  100 1 200 5000 10 3 40 7 0 0\ncpu0 1 2 3 4 5 6 7 8 9 10\n", out var cpu));
        Assert.AreEqual(new SystemCpu(101, 200, 43, 5010, 7), cpu);
        Assert.AreEqual(3.44, cpu.BusySeconds, 1e-9);
        Assert.AreEqual(0.43, cpu.InterruptSeconds, 1e-9);
        Assert.AreEqual(2.0, cpu.SystemSeconds, 1e-9);
        Assert.AreEqual(default, cpu.Since(cpu));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("cpu 1 2 3")]
    [DataRow("cpu0 100 1 200 5000 10 3 40 7 0 0")]
    [DataRow("cpu  100 x 200 5000 10 3 40 7 0 0")]
    public void Refuses_what_is_no_machine(string text) => Assert.IsFalse(SystemCpu.TryParse(text, out _));

    [TestMethod]
    public void A_machine_with_other_work_is_not_quiet()
    {
        Assert.IsNull(QuietCheck.Judge(new SystemCpu(5, 3, 1, 191, 0)));
        StringAssert.Contains(QuietCheck.Judge(new SystemCpu(60, 30, 10, 100, 0))!, "50 % busy");
        Assert.IsNotNull(QuietCheck.Judge(new SystemCpu(0, 0, 0, 100, 100)));
        Assert.IsNull(QuietCheck.Judge(default));
    }

    [TestMethod]
    [DataRow("appliance-lab", true, false, false)]
    [DataRow("appliance-gatew", false, true, true)]
    [DataRow("haproxy", false, false, true)]
    [DataRow("sh", false, false, false)]
    public void Tells_programs_apart(string name, bool traffic, bool appliance, bool forwarder)
    {
        Assert.AreEqual(traffic, LabProgram.IsTraffic(name));
        Assert.AreEqual(appliance, LabProgram.IsAppliance(name));
        Assert.AreEqual(forwarder, LabProgram.IsForwarder(name));
    }
}
