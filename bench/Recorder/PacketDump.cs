using System.Globalization;
using Appliance.Bench.Labs;
using Appliance.Lab.Processes;
using Appliance.Lab.Topology;

namespace Appliance.Bench.Recorder;

/// <summary><c>tcpdump -w</c> of what clients send, where the appliance would record it. What it writes goes nowhere: no disk is in its way.</summary>
public sealed class PacketDump : IDisposable
{
    private const string Program = "tcpdump";
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(5);
    private readonly LabProcess _process;

    private PacketDump(LabProcess process) => _process = process;

    /// <summary>Starts it.</summary>
    public static async Task<PacketDump> StartAsync(BenchLab lab, CancellationToken cancellation)
    {
        var log = lab.Log(Program);
        File.Delete(log);
        string[] command = [Program, "-i", "lan0", "-n", "-Z", "root", "-w", "/dev/null", $"tcp and dst host {LabAddresses.Vip4}"];
        var dump = new PacketDump(lab.StartProgram(LabHost.Gateway, command, log));
        await BenchLab.WaitAsync(() => BenchLab.Contains(log, "listening on"), "tcpdump", cancellation);
        return dump;
    }

    /// <summary>Whether a program is this one.</summary>
    public static bool IsIt(string name) => string.Equals(name, Program, StringComparison.Ordinal);

    /// <summary>Stops it; the result is what it wrote and what the kernel had no room for.</summary>
    public async Task<(long Captured, long Dropped)> StopAsync()
    {
        await _process.StopAsync(s_grace);
        var text = await File.ReadAllTextAsync(_process.LogFile);
        return (Count(text, "packets captured"), Count(text, "packets dropped by kernel"));
    }

    /// <summary>The number before some words of tcpdump's account; 0 when they are not there.</summary>
    public static long Count(string text, string words)
    {
        var line = text.Split('\n').FirstOrDefault(line => line.TrimEnd().EndsWith(words, StringComparison.Ordinal));
        return long.TryParse(line?.Split(' ')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0;
    }

    /// <inheritdoc/>
    public void Dispose() => _process.Dispose();
}
