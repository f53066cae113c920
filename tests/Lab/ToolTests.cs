using System.Diagnostics;
using System.Text.Json;
using Appliance.Lab.Namespaces;
using Appliance.Lab.Processes;
using Appliance.Lab.Topology;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab;

/// <summary>The lab tool as a program.</summary>
[TestClass]
public sealed class ToolTests : LabTest
{
    [TestMethod]
    public async Task Exec_passes_standard_streams_and_exit_code()
    {
        using var lab = await NetworkAsync();
        var result = await ToolAsync(["lab", "exec", "--name", LabName, "node2", "--", "sh", "-c", "cat; echo oops >&2; exit 7"], "some\ninput");
        Assert.AreEqual(7, result.ExitCode);
        Assert.AreEqual("some\ninput", result.Output);
        Assert.AreEqual("oops\n", result.Error);
    }

    /// <summary>Started with every signal at its default: a shell that runs the tests in the background ignores some.</summary>
    [TestMethod]
    public async Task Exec_leaves_no_ignored_signals_behind()
    {
        using var lab = await NetworkAsync();
        var result = await CommandRunner.RunAsync(
            ["env", "--default-signal", Tool, "lab", "exec", "--name", LabName, "primary", "--", "grep", "-E", "Sig(Blk|Ign)", "/proc/self/status"],
            cancellation: Cancellation);
        Assert.AreEqual("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n", result.Output);
    }

    [TestMethod]
    [DataRow("exec", "client", "--", "true")]
    [DataRow("status")]
    [DataRow("fault", "cut", "node1")]
    public async Task Without_a_lab_there_is_one_clear_line(params string[] arguments)
    {
        var result = await ToolAsync(["lab", arguments[0], "--name", LabName, .. arguments[1..]]);
        Assert.AreEqual(2, result.ExitCode);
        Assert.AreEqual($"There is no lab '{LabName}'. Make one: appliance lab up --name {LabName}\n", result.Error);
    }

    [TestMethod]
    public async Task An_unknown_host_is_a_usage_error()
    {
        using var lab = await NetworkAsync();
        var result = await ToolAsync(["lab", "exec", "--name", LabName, "node3", "--", "true"]);
        Assert.AreEqual(2, result.ExitCode);
        StringAssert.StartsWith(result.Error, "There is no host 'node3'");
        Assert.HasCount(1, result.Error.TrimEnd().Split('\n'));
    }

    [TestMethod]
    public async Task Up_status_fault_and_down_speak_json()
    {
        var up = await JsonAsync("up", "--without-daemons");
        Assert.AreEqual(LabName, up.GetProperty("name").GetString());
        Assert.IsLessThan(2000, up.GetProperty("upMs").GetDouble());

        var fault = await JsonAsync("fault", "cut", "backup");
        Assert.AreEqual("cut", fault.GetProperty("fault").GetString());
        Assert.AreEqual("node2", fault.GetProperty("target").GetString());
        Assert.IsLessThan(Stopwatch.GetTimestamp(), fault.GetProperty("atNs").GetInt64());

        var status = await JsonAsync("status");
        Assert.AreEqual("node1", status.GetProperty("primary").GetString());
        Assert.IsFalse(status.GetProperty("hosts")[4].GetProperty("link").GetBoolean());

        var down = await ToolAsync(["lab", "down", "--name", LabName]);
        Assert.AreEqual(0, down.ExitCode);
        AssertGone(LabName, []);
        down = await ToolAsync(["lab", "down", "--name", LabName]);
        Assert.AreEqual(0, down.ExitCode);
        StringAssert.Contains(down.Output, "nothing to do");
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    [DataRow(5)]
    public async Task Down_works_after_the_tool_was_killed_while_it_made_the_lab(int namespaces)
    {
        var names = LabNames.Create(LabName);
        using var tool = StartUp();
        await EventuallyAsync(() => tool.HasExited || LabNames.Hosts.Count(host => NetworkNamespace.Exists(names.Namespace(host))) >= namespaces, "namespaces appear");
        tool.Kill();
        await tool.WaitForExitAsync(Cancellation);

        var down = await ToolAsync(["lab", "down", "--name", LabName]);

        Assert.AreEqual(0, down.ExitCode, down.Error);
        AssertGone(LabName, []);
    }

    [TestMethod]
    public async Task Down_works_without_a_state_file()
    {
        using var lab = await NetworkAsync();
        var identities = Identities(lab);
        using var program = lab.StartProcess(LabHost.Node2, ["sleep", "1000"], "/dev/null");
        File.Delete($"{lab.Directory}/state.json");

        var down = await ToolAsync(["lab", "down", "--name", LabName]);

        Assert.AreEqual(0, down.ExitCode, down.Error);
        AssertGone(LabName, identities, ManagementLink(lab));
    }

    private static Process StartUp() => Process.Start(new ProcessStartInfo(Tool, ["lab", "up", "--name", LabName, "--without-daemons"])
    {
        UseShellExecute = false,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    private async Task<JsonElement> JsonAsync(string command, params string[] arguments)
    {
        var result = await ToolAsync(["lab", command, "--name", LabName, .. arguments, "--json"]);
        Assert.AreEqual(0, result.ExitCode, result.Error);
        return JsonElement.Parse(result.Output.TrimEnd().Split('\n')[^1]);
    }
}
