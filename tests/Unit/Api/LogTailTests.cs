using Appliance.Node.Api;

namespace Appliance.Tests.Unit.Api;

/// <summary>The end of a log file.</summary>
[TestClass]
public sealed class LogTailTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [TestMethod]
    [DataRow("a\nb\nc\n", 2, "b\nc\n")]
    [DataRow("a\nb\nc", 2, "b\nc\n")]
    [DataRow("a\n", 5, "a\n")]
    [DataRow("", 5, "\n")]
    public void The_last_lines_are_read(string content, int lines, string expected)
    {
        File.WriteAllText(_file, content);
        Assert.AreEqual(expected, LogTail.Read(_file, lines));
    }

    [TestMethod]
    public void Of_a_large_file_whole_lines_from_the_last_mebibyte()
    {
        File.WriteAllLines(_file, Enumerable.Range(0, 200_000).Select(i => $"line {i:D9}"));
        var read = LogTail.Read(_file, 1_000_000).TrimEnd('\n').Split('\n');
        Assert.AreEqual("line 000199999", read[^1]);
        Assert.IsTrue(read.All(line => line.Length == 14), "no line is cut");
        Assert.IsLessThan(1 << 20, read.Length * 15);
    }
}
