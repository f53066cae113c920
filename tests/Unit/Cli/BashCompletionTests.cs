using System.Diagnostics;
using Appliance.Bench;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Appliance.Tests.Unit.Cli;

/// <summary>Completion in a real bash, which is asked as Readline asks it.</summary>
[TestClass]
public sealed class BashCompletionTests
{
    private const string NoGateway = "http://127.0.0.1:9";

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow("", "check drain events failover flows status undrain", DisplayName = "commands")]
    [DataRow("un", "undrain")]
    [DataRow("failover --f", "--forced")]
    [DataRow("failover --forced --ac", "--accept-loss")]
    [DataRow("check --role ", "backup gateway primary")]
    [DataRow("check --role p", "primary")]
    [DataRow("nonsense ", "--help --version -h check drain events failover flows status undrain")]
    public async Task The_program_says_what_may_follow(string typed, string expected)
    {
        var offered = (await CompleteAsync($"appliance {typed}", NoGateway)).Split(' ');
        string[] wanted = expected.Split(' ');
        CollectionAssert.IsSubsetOf(wanted, offered);
        if (typed.Length > 0 && !typed.EndsWith(' '))
        {
            CollectionAssert.AreEqual(wanted, offered);
        }
        CollectionAssert.DoesNotContain(offered, "/?");
    }

    [TestMethod]
    public async Task Nodes_are_those_of_the_gateway()
    {
        await using var gateway = await StartGatewayAsync(TimeSpan.Zero);
        Assert.AreEqual("left right", await NodesAsync($"appliance drain ", gateway.Urls.Single()));
        Assert.AreEqual("right", await CompleteAsync("appliance undrain r", gateway.Urls.Single()));
        Assert.AreEqual("left", await CompleteAsync($"appliance drain --api {gateway.Urls.Single()} l", NoGateway));
    }

    [TestMethod]
    public async Task Nobody_waits_for_a_gateway_that_does_not_answer()
    {
        await using var gateway = await StartGatewayAsync(TimeSpan.FromSeconds(30));
        var started = Stopwatch.StartNew();
        Assert.AreEqual(string.Empty, await NodesAsync("appliance drain ", gateway.Urls.Single()));
        Assert.AreEqual(string.Empty, await NodesAsync("appliance drain ", NoGateway));
        Assert.IsLessThan(TimeSpan.FromSeconds(15), started.Elapsed);
    }

    [TestMethod]
    public async Task Files_are_completed_where_a_file_belongs()
    {
        var script = $"source {Script}; complete -p appliance; " + Ask("appliance check --config ");
        var output = await BashAsync(script, NoGateway);
        StringAssert.StartsWith(output, "complete -o bashdefault -o default -F _appliance appliance\n", StringComparison.Ordinal);
        Assert.AreEqual("complete -o bashdefault -o default -F _appliance appliance", output.Trim(), "nothing of the program's own, so that bash offers files");
    }

    private static string Script => Path.Combine(BenchPaths.Root, "packaging/bash-completion/appliance");

    /// <summary>What Readline does: the line, the words, the cursor at the end; then the function with command, word and word before.</summary>
    private static string Ask(string line) => $$"""
        COMP_LINE='{{line}}' COMP_POINT={{line.Length}}; _appliance appliance; printf '%s ' "${COMPREPLY[@]}"
        """;

    private async Task<string> NodesAsync(string line, string api) =>
        string.Join(' ', (await CompleteAsync(line, api)).Split(' ').Where(offer => !offer.StartsWith('-')));

    private async Task<string> CompleteAsync(string line, string api) => (await BashAsync($"source {Script}; {Ask(line)}", api)).Trim();

    private async Task<string> BashAsync(string script, string api)
    {
        var start = new ProcessStartInfo("bash", ["--norc", "-c", script]) { RedirectStandardOutput = true, UseShellExecute = false };
        start.Environment["PATH"] = $"{AppContext.BaseDirectory}:{start.Environment["PATH"]}";
        start.Environment["APPLIANCE_API"] = api;
        using var bash = Process.Start(start)!;
        return await bash.StandardOutput.ReadToEndAsync(TestContext.CancellationToken);
    }

    /// <summary>A gateway as far as completion is concerned; the real one needs a network of its own.</summary>
    private static async Task<WebApplication> StartGatewayAsync(TimeSpan delay)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapGet("/api/v1/status", async (CancellationToken gone) =>
        {
            await Task.Delay(delay, gone);
            return new { nodes = new[] { new { name = "left" }, new { name = "right" } } };
        });
        await app.StartAsync();
        return app;
    }
}
