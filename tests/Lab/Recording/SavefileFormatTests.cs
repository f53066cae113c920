using System.Net;
using Appliance.Bpf.Layout;
using Appliance.Lab.Processes;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Recording;

/// <summary>What the appliance writes, as tcpdump reads it.</summary>
[TestClass]
public sealed class SavefileFormatTests : SavefileTest
{
    [TestMethod]
    [DataRow("10.0.1.2", "10.0.2.100")]
    [DataRow("fd00:1::2", "fd00:2::100")]
    public async Task Tcpdump_finds_every_checksum_right_and_nothing_to_complain_about(string client, string service)
    {
        var flow = new FlowKey(new IPEndPoint(IPAddress.Parse(client), 40000), new IPEndPoint(IPAddress.Parse(service), RecordedPort));
        var bytes = new byte[20_001];
        new Random(1).NextBytes(bytes);
        Write(frames =>
        {
            frames.WriteHandshake(flow, Handshake);
            frames.Write(flow, Handshake, 0, 5001, fin: false, 2 * Second, bytes);
            frames.Write(flow, Handshake, bytes.Length, 5101, fin: true, 3 * Second, default);
        });

        var result = await TcpdumpAsync();

        var lines = result.Output.Split('\n').Where(line => line.Contains("Flags", StringComparison.Ordinal)).ToList();
        Assert.HasCount(3 + 14 + 1, lines);
        Assert.IsTrue(lines.All(line => line.Contains("(correct)", StringComparison.Ordinal)), result.Output);
        Assert.IsFalse(result.Output.Contains("bad cksum", StringComparison.Ordinal), result.Output);
        StringAssert.Contains(lines[0], "Flags [S]", StringComparison.Ordinal);
        StringAssert.Contains(lines[0], "[mss 1460,sackOK,wscale 7,TS val 1000 ecr 0,nop]", StringComparison.Ordinal);
        StringAssert.Contains(lines[1], "Flags [S.]", StringComparison.Ordinal);
        StringAssert.Contains(lines[3], "seq 1:1449, ack 1", StringComparison.Ordinal);
        StringAssert.Contains(lines[^1], $"Flags [F.], cksum", StringComparison.Ordinal);
        StringAssert.Contains(lines[^1], $"seq {bytes.Length + 1}, ack 101", StringComparison.Ordinal);
        Assert.AreEqual("", result.Error.Replace($"reading from file {Savefile}, link-type RAW (Raw IP), snapshot length 262144\n", "", StringComparison.Ordinal));
    }

    [TestMethod]
    public async Task Tcpdump_reads_a_recording_that_begins_later()
    {
        Write(frames => frames.Write(Flow, Handshake, 1_000_000, 9000, fin: false, Second, "middle"u8));
        var result = await TcpdumpAsync();
        StringAssert.Contains(result.Output, "(correct), seq 999985:999991, ack 9000", StringComparison.Ordinal);
    }

    private async Task<CommandResult> TcpdumpAsync() =>
        await CommandRunner.RequireAsync([DebianServer.Require("/usr/bin/tcpdump", "tcpdump"), "-r", Savefile, "-nvv"], cancellation: Cancellation);
}
