using Appliance.Lab.Demo.Reports;
using Appliance.Lab.Demo.Views;
using Appliance.Lab.Demo.Workloads;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using Spectre.Console;

namespace Appliance.Tests.Unit.Demo;

[TestClass]
public sealed class DemoViewTests
{
    [TestMethod]
    public void The_picture_shows_bars_and_timeline_and_survives_markup_in_texts()
    {
        var picture = new LivePicture("Round [1]")
        {
            Phase = "[waiting]",
            Items = [new ProgressItem("download", "50 %", 0.5), new ProgressItem("worst gap", "41.0 ms"), new ProgressItem("odd", "[", 7)],
            Steps = [new TimelineStep("fault", 0), new TimelineStep("detected", 30.25)],
        };
        using var output = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(output),
        });
        console.Profile.Width = 100;
        console.Write(picture.Draw());
        var text = output.ToString();
        foreach (var expected in (string[])["Round [1]", "download", "50 %", "worst gap", "+30.250 ms", "detected", "[waiting]"])
        {
            Assert.Contains(expected, text, StringComparison.Ordinal);
        }
    }

    [TestMethod]
    public void Lines_of_the_timeline_stand_in_a_column()
    {
        Assert.AreEqual("       0.000 ms  fault", PlainView.Line(new TimelineStep("fault", 0)));
        Assert.AreEqual("     +30.250 ms  detected", PlainView.Line(new TimelineStep("detected", 30.25)));
    }

    [TestMethod]
    public void A_listening_port_is_told_from_a_connected_one()
    {
        const string Table = """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 00000000:1B59 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 100 1
               1: 6402000A:1B5A 0201000A:C001 01 00000000:00000000 00:00000000 00000000     0        0 101 1
            """;
        Assert.IsTrue(ServerPorts.HasListener(Table, 7001));
        Assert.IsFalse(ServerPorts.HasListener(Table, 7002));
        Assert.IsFalse(ServerPorts.HasListener("", 7001));
        Assert.IsFalse(ServerPorts.HasListener("heading\ngarbage\n", 7001));
    }
}
