using System.Text.Json;
using System.Text.RegularExpressions;
using Appliance.Bench;
using YamlDotNet.RepresentationModel;

namespace Appliance.Tests.Unit.Monitoring;

/// <summary>Alerts and dashboard speak of metrics that exist, and every alert says what to do.</summary>
[TestClass]
public sealed partial class MonitoringTests
{
    [TestMethod]
    public void Alerts_name_metrics_that_exist() => AssertKnown(Alerts().Select(a => a.Expression));

    [TestMethod]
    public void Every_alert_is_explained_and_nothing_else_is()
    {
        var explained = ExplainedAlert().Matches(File.ReadAllText(PathOf("docs/operations.md"))).Select(m => m.Groups[1].Value).ToList();
        CollectionAssert.AreEqual(Alerts().Select(a => a.Name).ToList(), explained);
    }

    [TestMethod]
    public void Panels_name_metrics_that_exist() => AssertKnown(Panels().SelectMany(ExpressionsOf).Concat(Annotations()));

    [TestMethod]
    public void Panels_do_not_overlap_and_have_numbers_of_their_own()
    {
        CollectionAssert.AllItemsAreUnique(Panels().Select(p => p.GetProperty("id").GetInt32()).ToList());
        var taken = new HashSet<(int X, int Y)>();
        foreach (var panel in Panels())
        {
            var place = panel.GetProperty("gridPos");
            var (x, y, w, h) = (Number("x"), Number("y"), Number("w"), Number("h"));
            Assert.IsLessThanOrEqualTo(24, x + w);
            Assert.IsTrue(Enumerable.Range(x, w).All(column => Enumerable.Range(y, h).All(line => taken.Add((column, line)))), panel.GetProperty("title").GetString());

            int Number(string name) => place.GetProperty(name).GetInt32();
        }
    }

    [TestMethod]
    public void What_does_not_exist_is_found()
    {
        string[] wrong =
        [
            "appliance_flow > 0", "appliance_flows{state=\"divergent\"}", "appliance_flows{states=\"diverged\"}", "rate(appliance_detection_seconds[1m])", "appliance_assignments_total{cause=~\"activeSilent|bored\"}",
        ];
        foreach (var expression in wrong)
        {
            Assert.HasCount(1, Expressions.Unknown(expression, SampleMetrics.Read()), expression);
        }
    }

    private static void AssertKnown(IEnumerable<string> expressions)
    {
        var all = expressions.ToList();
        Assert.IsGreaterThan(10, all.Count);
        var metrics = SampleMetrics.Read();
        Assert.AreEqual(string.Empty, string.Join('\n', all.SelectMany(e => Expressions.Unknown(e, metrics))));
    }

    private static IEnumerable<(string Name, string Expression)> Alerts()
    {
        var stream = new YamlStream();
        using var file = File.OpenText(PathOf("monitoring/alerts.yaml"));
        stream.Load(file);
        return ((YamlSequenceNode)stream.Documents[0].RootNode["groups"][0]["rules"]).Select(r => (r["alert"].ToString(), r["expr"].ToString()));
    }

    private static JsonElement Dashboard() => JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(PathOf("monitoring/grafana.json")));

    private static List<JsonElement> Panels() => [.. Dashboard().GetProperty("panels").EnumerateArray()];

    private static IEnumerable<string> ExpressionsOf(JsonElement panel) =>
        panel.TryGetProperty("targets", out var targets) ? targets.EnumerateArray().Select(t => t.GetProperty("expr").GetString()!) : [];

    private static IEnumerable<string> Annotations() =>
        Dashboard().GetProperty("annotations").GetProperty("list").EnumerateArray().Select(a => a.GetProperty("expr").GetString()!);

    private static string PathOf(string file) => Path.Combine(BenchPaths.Root, file);

    [GeneratedRegex(@"^\| `(Appliance\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex ExplainedAlert();
}
