using Appliance.Savefiles;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Recording;

/// <summary>Files and words that a replay cannot do much with.</summary>
[TestClass]
public sealed class SavefileMisuseTests : SavefileTest
{
    [TestMethod]
    public async Task Nobody_at_home_is_one_clear_line()
    {
        Write(frames => frames.WriteHandshake(Flow, Handshake));
        var port = FreePort();
        var result = await ReplayAsync(port);
        Assert.AreEqual(1, result.ExitCode);
        Assert.AreEqual($"127.0.0.1:{port}: Connection refused: is the server running there?\n", result.Error);
    }

    [TestMethod]
    public async Task A_flow_that_the_file_lacks_is_named_with_those_it_holds()
    {
        Write(frames => frames.WriteHandshake(Flow, Handshake));
        var result = await ReplayAsync(1, "--flow", FlowId.Format(FlowOf(9)));
        Assert.AreEqual(2, result.ExitCode);
        Assert.AreEqual($"{Savefile}: there is no flow {FlowId.Format(FlowOf(9))}: it holds {FlowId.Format(Flow)}\n", result.Error);
    }

    [TestMethod]
    public async Task A_cut_file_is_replayed_up_to_the_cut()
    {
        var redis = await StartRedisAsync();
        Write(frames =>
        {
            frames.WriteHandshake(Flow, Handshake);
            frames.Write(Flow, Handshake, 0, ServerFirst, fin: false, 2 * Second, "SET a 1\r\n"u8);
            frames.Write(Flow, Handshake, 9, ServerFirst + 5, fin: false, 2 * Second, "SET a 2\r\n"u8);
        });
        await File.WriteAllBytesAsync(Savefile, (await File.ReadAllBytesAsync(Savefile, Cancellation))[..^4], Cancellation);

        var result = await ReplayAsync(redis);

        Assert.AreEqual(1, result.ExitCode);
        Assert.StartsWith($"{Savefile}: is cut off in packet 5, at byte ", result.Error, StringComparison.Ordinal);
        Assert.AreEqual("$1\r\n1\r\n", await AskRedisAsync(redis, "GET a"));
    }

    [TestMethod]
    [DataRow("", "is empty: ")]
    [DataRow("This is a text, and no savefile.", "is no savefile (unknown file format); record it anew with tcpdump -w")]
    public async Task Other_files_are_one_clear_line(string content, string expected)
    {
        await File.WriteAllTextAsync(Savefile, content, Cancellation);
        var result = await ReplayAsync(1);
        Assert.AreEqual(2, result.ExitCode);
        Assert.StartsWith($"{Savefile}: {expected}", result.Error, StringComparison.Ordinal);
        Assert.HasCount(1, result.Error.TrimEnd().Split('\n'));
    }

    [TestMethod]
    [DataRow("replay", "FILE", "--against", "host:0", "'host:0' is no server")]
    [DataRow("replay", "FILE", "--against", "host", "--flow", "x", "'x' is no flow")]
    [DataRow("record", "--write", "FILE", "--api", "nowhere", "'nowhere' is no URL")]
    [DataRow("record", "--write", "FILE", "--held", "--duration", "1s", "--duration goes with neither")]
    public async Task Misuse_is_told(params string[] words)
    {
        var result = await ToolAsync(words[..^1]);
        Assert.AreEqual(2, result.ExitCode);
        StringAssert.Contains(result.Error, words[^1], StringComparison.Ordinal);
    }
}
