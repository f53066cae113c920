using Appliance.Bench;
using Appliance.Bench.Report;
using Appliance.Lab;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Unit.Bench;

[TestClass]
public sealed class DocsSectionTests
{
    private const string Page = "# Top\n<!-- bench one: begin -->\nold\n<!-- bench one: end -->\nmiddle\n<!-- bench two: begin --><!-- bench two: end -->\nrest\n";

    [TestMethod]
    public void Replaces_what_stands_between_the_markers_and_nothing_else()
    {
        var page = DocsSection.Replace(Page, "one", "new\nlines\n\n");
        Assert.AreEqual(Page.Replace("old", "new\nlines"), page);
        Assert.AreEqual(page, DocsSection.Replace(page, "one", "new\nlines"));
    }

    [TestMethod]
    public void Fills_an_empty_place() =>
        StringAssert.Contains(DocsSection.Replace(Page, "two", "text"), "<!-- bench two: begin -->\ntext\n<!-- bench two: end -->\nrest");

    [TestMethod]
    [DataRow("nothing here")]
    [DataRow("<!-- bench one: begin --> no end")]
    [DataRow("<!-- bench one: end --> wrong order <!-- bench one: begin -->")]
    public void Names_the_markers_that_are_missing(string page)
    {
        var exception = Assert.ThrowsExactly<LabException>(() => DocsSection.Replace(page, "one", "text"));
        StringAssert.Contains(exception.Message, "<!-- bench one: begin -->");
    }

    [TestMethod]
    public void Every_bench_has_a_place()
    {
        foreach (var bench in BenchCatalog.All)
        {
            var (from, to) = DocsSection.Find(File.ReadAllText(BenchPaths.PageOf(bench, BenchPaths.Docs)), bench.Name);
            Assert.IsLessThan(to, from, bench.Name);
        }
    }
}
