using Appliance.Lab.Processes;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Unit.Lab;

[TestClass]
public sealed class ProcessEntryTests
{
    private const string Tail = " 42 42 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 987654 0 0";

    [TestMethod]
    [DataRow("nginx")]
    [DataRow("tmux: server")]
    [DataRow("(sd-pam)")]
    [DataRow(") R 1 (")]
    public void Reads_any_command_name(string command)
    {
        Assert.IsTrue(ProcessEntry.TryParse($"42 ({command}) S 7" + Tail, out var entry));
        Assert.AreEqual(new ProcessEntry(42, 7, command, 'S', 987654), entry);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("42")]
    [DataRow("42 (nginx")]
    [DataRow("42 (nginx) S 7")]
    [DataRow("x (nginx) S 7" + Tail)]
    public void Refuses_a_text_that_is_cut_off(string stat) => Assert.IsFalse(ProcessEntry.TryParse(stat, out _));
}
