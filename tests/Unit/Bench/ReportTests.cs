using System.Text.Json;
using Appliance.Bench;
using Appliance.Bench.Report;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Unit.Bench;

[TestClass]
public sealed class ReportTests
{
    private static readonly BenchReport s_report = new(
        "sample",
        "a sample",
        [new ReportTable("Numbers in ms", ["what", "value"], [["a|b", "1"]])],
        [Goal.AtMost("gap", 70, 60, "ms")],
        new { Gaps = (double[])[70, double.NaN] })
    {
        Notes = ["A note."],
        Seconds = 12,
        Date = new DateTimeOffset(2026, 3, 4, 0, 0, 0, TimeSpan.Zero),
    };

    [TestMethod]
    public void Markdown_has_date_machine_tables_goals_and_notes() => Assert.AreEqual(
        """
        Measured 2026-03-04 on 2 CPUs, Linux 6.18, in 12 s.

        Numbers in ms:

        | what | value |
        | --- | ---: |
        | a\|b | 1 |

        | goal | measured | wanted |  |
        | --- | ---: | ---: | --- |
        | gap | 70 ms | ≤ 60 ms | **missed** |

        A note.

        """,
        MarkdownReport.Write(s_report, "2 CPUs, Linux 6.18"));

    [TestMethod]
    public void Json_is_one_object_on_one_line()
    {
        var json = JsonReport.Write([s_report], "a machine", new BenchOptions { Size = BenchSize.Quick, Seed = 7 });
        Assert.IsFalse(json.Contains('\n'));
        var root = JsonElement.Parse(json);
        Assert.IsFalse(root.GetProperty("goalsMet").GetBoolean());
        Assert.AreEqual("quick", root.GetProperty("size").GetString());
        var bench = root.GetProperty("benches")[0];
        Assert.AreEqual("sample", bench.GetProperty("name").GetString());
        Assert.IsFalse(bench.GetProperty("goals")[0].GetProperty("met").GetBoolean());
        Assert.AreEqual(70, bench.GetProperty("data").GetProperty("gaps")[0].GetDouble());
    }

    [TestMethod]
    [DataRow("6.18.44-custom\n", "2 CPUs, Linux 6.18")]
    [DataRow("6.9-rc1", "2 CPUs, Linux 6.9")]
    public void The_machine_is_told_by_its_class(string release, string expected) => Assert.AreEqual(expected, MachineClass.Describe(2, release));
}
