using System.Text.RegularExpressions;
using Appliance.Bench;
using Appliance.Configuration;
using static Appliance.Tests.Unit.Configuration.ConfigText;

namespace Appliance.Tests.Unit.Configuration.Reference;

/// <summary>The committed reference and samples are what the code that reads the files says of itself, and the samples can be used.</summary>
[TestClass]
public sealed partial class ReferenceTests : IDisposable
{
    private const string Regenerate = "APPLIANCE_REGENERATE";

    private readonly string _directory = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [TestMethod]
    public void The_reference_is_up_to_date() => AssertCommitted("docs/configuration.md", ReferencePage.Write(
        [("gateway.yaml", ConfigFile.Describe(GatewayOptions.Read)), ("node.yaml", ConfigFile.Describe(NodeOptions.Read))]));

    [TestMethod]
    public void The_samples_are_up_to_date()
    {
        AssertCommitted("packaging/configuration/gateway.yaml", SampleFile.Write("The gateway's settings.", ConfigFile.Describe(GatewayOptions.Read)));
        AssertCommitted("packaging/configuration/node.yaml", SampleFile.Write("A node's settings, for primary and backup alike.", ConfigFile.Describe(NodeOptions.Read)));
    }

    [TestMethod]
    public void The_samples_can_be_used_as_they_are()
    {
        Assert.AreEqual("web", ReadGateway(Sample("gateway")).Services.Single().Name);
        Assert.AreEqual("node1", ReadNode(Sample("node")).Name);
    }

    [TestMethod]
    public void What_is_commented_out_says_what_holds_without_it()
    {
        // Lists, and what needs another setting, have no default that could be written.
        var (gateway, given) = (ReadGateway(Sample("gateway")), ReadGateway(Uncomment(Without(Sample("gateway"), "certificateFile", "keyFile"))));
        Assert.AreEqual(
            gateway with { Services = given.Services, Nodes = given.Nodes, Secret = given.Secret, HeartbeatBind = given.HeartbeatBind, Api = given.Api, InitialActive = "node1", Otlp = given.Otlp },
            given);
        Assert.AreEqual(("alice", ApiScope.Read, ApiScope.None), (given.Api.Tokens[0].Name, given.Api.Tokens[0].Scope, given.Api.Anonymous));

        Assert.AreEqual(new OtlpOptions(new Uri("http://10.0.0.9:4318/"), TimeSpan.FromSeconds(15)), given.Otlp);

        var (node, all) = (ReadNode(Sample("node")), ReadNode(Uncomment(Without(Sample("node"), "tcp", "http"))));
        Assert.AreEqual(
            node with { Services = all.Services, Secret = all.Secret, Gateways = all.Gateways, NextHops = all.NextHops, Probes = all.Probes, Listen = all.Listen, ServerLog = all.ServerLog },
            all);
        Assert.AreEqual((TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(500), 2), (all.Probes[0].Interval, all.Probes[0].Timeout, all.Probes[0].Failures));
    }

    [TestMethod]
    public void What_excludes_each_other_is_all_that_cannot_be_uncommented_at_once()
    {
        AssertErrors(() => ReadGateway(Uncomment(Sample("gateway"))), "api.certificateFile: needs listen to be an https address");
        AssertErrors(() => ReadNode(Uncomment(Sample("node"))), "probes[0].tcp: give exactly one of …");
    }

    private static void AssertCommitted(string file, string text)
    {
        var path = Path.Combine(BenchPaths.Root, file);
        if (Environment.GetEnvironmentVariable(Regenerate) == "1")
        {
            File.WriteAllText(path, text);
        }
        Assert.AreEqual(text, File.Exists(path) ? File.ReadAllText(path) : null, $"{file} is not what the options say. Write it again: {Regenerate}=1 ./appliance test ReferenceTests");
    }

    /// <summary>A committed sample, its files in a directory of the test's own.</summary>
    private string Sample(string name)
    {
        foreach (var file in new[] { "control.key", "alice.token", "tls.pem", "tls.key" })
        {
            File.WriteAllText(Path.Combine(_directory, file), Secret);
            File.SetUnixFileMode(Path.Combine(_directory, file), UnixFileMode.UserRead);
        }
        return File.ReadAllText(Path.Combine(BenchPaths.Root, $"packaging/configuration/{name}.yaml")).Replace("/etc/appliance", _directory, StringComparison.Ordinal);
    }

    private static string Uncomment(string sample) => CommentedSetting().Replace(sample, "$1$2");

    private static string Without(string sample, params string[] settings) =>
        string.Join('\n', sample.Split('\n').Where(line => !settings.Any(s => line.TrimStart(' ', '#').StartsWith($"{s}:", StringComparison.Ordinal))));

    // Prose has a blank after its #, and settings have none.
    [GeneratedRegex("^( *)#((?:- )?[a-zA-Z]+:)", RegexOptions.Multiline)]
    private static partial Regex CommentedSetting();
}
