using Appliance.Host;

namespace Appliance.Tests.Unit.Host;

[TestClass]
public sealed class DaemonArgumentsTests
{
    [TestMethod]
    [DataRow("--config a.yaml", "a.yaml", false)]
    [DataRow("--config a.yaml --replace-hooks", "a.yaml", true)]
    [DataRow("--replace-hooks --config a.yaml", "a.yaml", true)]
    [DataRow("--config a.yaml --config b.yaml", "b.yaml", false)]
    [DataRow("--config --replace-hooks", "--replace-hooks", false)]
    public void Are_a_file_and_a_switch(string line, string file, bool replace)
    {
        Assert.IsTrue(DaemonArguments.TryParse(line.Split(' '), out var arguments, out var error), error);
        Assert.AreEqual(new DaemonArguments(file, replace), arguments);
    }

    [TestMethod]
    public void A_check_is_asked_for_with_a_switch()
    {
        Assert.IsTrue(DaemonArguments.TryParse(["--check", "--config", "a.yaml"], out var arguments, out var error), error);
        Assert.AreEqual(new DaemonArguments("a.yaml", ReplaceHooks: false, IsCheck: true), arguments);
    }

    [TestMethod]
    [DataRow("", "--config FILE is missing")]
    [DataRow("--replace-hooks", "--config FILE is missing")]
    [DataRow("--config", "--config needs a file")]
    [DataRow("--config a.yaml --verbose", "unknown argument '--verbose'")]
    [DataRow("a.yaml", "unknown argument 'a.yaml'")]
    public void The_wrong_one_is_named(string line, string expected)
    {
        Assert.IsFalse(DaemonArguments.TryParse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries), out _, out var error));
        Assert.AreEqual(expected, error);
    }
}
