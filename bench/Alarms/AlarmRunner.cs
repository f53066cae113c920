using System.Globalization;
using Appliance.Bench.Compatibility;
using Appliance.Bench.Labs;
using Appliance.Lab;
using Appliance.Lab.Faults;
using Appliance.Lab.Topology;

namespace Appliance.Bench.Alarms;

/// <summary>
/// Runs the servers and their clients, loses packets, and moves the service again and again. A node that was dead becomes a replica of
/// the same connections (policy <c>full</c>); clients connect anew every <see cref="s_round"/>, or their histories would take ever longer to tell.
/// </summary>
public sealed class AlarmRunner(BenchContext context)
{
    private const string Configuration = "recorder: { policy: full, memoryBytes: 1GiB }";
    private const int CopyLoss = 500;
    private const int MovesPerCrash = 3;
    private const string AlarmEvents = "Appliance.Node.Divergence[";

    private static readonly TimeSpan s_detection = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_recovery = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan s_round = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_down = TimeSpan.FromSeconds(1);

    /// <summary>Does it for a time.</summary>
    public async Task<AlarmRun> RunAsync(TimeSpan time, CancellationToken cancellation)
    {
        await using var lab = await BenchLab.UpAsync(new LabOptions { Name = "alarms", DetectionTimeout = s_detection }, Configuration, cancellation);
        foreach (var node in LabNames.Nodes)
        {
            await StartServersAsync(lab, node, cancellation);
        }

        // Before the gateway has seen them: what it had seen and not forwarded would be another test.
        await lab.RequireAsync(
            LabHost.Gateway,
            ["nft", $"table ip loss {{ chain in {{ type filter hook prerouting priority -300; ip saddr {LabAddresses.Client4} numgen random mod 100 < 1 counter drop; }}; }}"],
            cancellation);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var loads = ServerCatalog.Steady.Select(server => Task.Run(() => TalkAsync(lab, server, stop.Token, cancellation), cancellation)).ToList();
        var started = TimeProvider.System.GetTimestamp();
        var (switchovers, crashes, unprotected, lost) = (0, 0, 0, 0L);
        while (TimeProvider.System.GetElapsedTime(started) < time && loads.TrueForAll(static load => !load.IsCompleted))
        {
            if (!await AreProtectedAsync(lab, cancellation))
            {
                unprotected++;
                await DescribeAsync(lab, unprotected, cancellation);
            }

            var backup = await lab.Laboratory.ResolveAsync(FaultRequest.Backup, cancellation);
            await LoseCopiesAsync(lab, backup, CopyLoss, cancellation);
            await Task.Delay(context.RandomTime(4000, 10_000), cancellation);
            lost += await CopiesLostAsync(lab, cancellation);
            await LoseCopiesAsync(lab, backup, 0, cancellation);
            if ((switchovers + crashes) % MovesPerCrash == MovesPerCrash - 1)
            {
                crashes++;
                await CrashAsync(lab, LabNames.Peer(backup), cancellation);
            }
            else if (await AreProtectedAsync(lab, cancellation))
            {
                switchovers++;
                await lab.Gateway.SwitchOverAsync(cancellation);
            }

            context.Say($"{TimeProvider.System.GetElapsedTime(started).TotalSeconds:0} s: {switchovers} switchovers, {crashes} crashes, {Alarms(lab).Count} said to differ, {unprotected} times not protected again");
        }

        await stop.CancelAsync();
        var results = await Task.WhenAll(loads);
        var run = new AlarmRun
        {
            Seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds,
            Switchovers = switchovers,
            Crashes = crashes,
            Unprotected = unprotected,
            Retransmissions = await RetransmissionsAsync(lab, cancellation),
            CopiesLost = lost,
            Alarms = Alarms(lab),
            Load = new LoadResult(results.Sum(static result => result.Connections), results.Sum(static result => result.Lost), results.Sum(static result => result.Wrong)),
        };
        if (run.Alarms.Count > 0 || run.Unprotected > 0 || run.Load.Lost > 0 || run.Load.Wrong > 0)
        {
            context.KeepLogs(lab, $"{run.Alarms.Count} said to differ, {run.Load}", run.Alarms);
        }

        return run;
    }

    /// <summary>Until something goes wrong, or it is told to stop.</summary>
    private static async Task<LoadResult> TalkAsync(BenchLab lab, ServerCase server, CancellationToken stop, CancellationToken cancellation)
    {
        var all = new LoadResult(0, 0, 0);
        while (!stop.IsCancellationRequested && all is { Lost: 0, Wrong: 0 })
        {
            using var round = CancellationTokenSource.CreateLinkedTokenSource(stop);
            round.CancelAfter(s_round);
            var result = await server.Load.RunAsync(lab, round.Token, cancellation);
            all = new LoadResult(all.Connections + result.Connections, all.Lost + result.Lost, all.Wrong + result.Wrong);
        }

        return all;
    }

    private async Task CrashAsync(BenchLab lab, LabHost node, CancellationToken cancellation)
    {
        await lab.Laboratory.FaultAsync(new FaultRequest(FaultKind.Crash, LabNames.Of(node)), cancellation);
        await Task.Delay(s_down, cancellation);
        await lab.Laboratory.FaultAsync(new FaultRequest(FaultKind.Heal, LabNames.Of(node)), cancellation);
        await StartServersAsync(lab, node, cancellation);
    }

    private static async Task StartServersAsync(BenchLab lab, LabHost node, CancellationToken cancellation)
    {
        foreach (var server in ServerCatalog.Steady)
        {
            lab.StartProgram(node, await server.Start(lab, node, cancellation), lab.Log($"server-{LabNames.Of(node)}-{server.Port}")).Dispose();
        }

        foreach (var server in ServerCatalog.Steady)
        {
            await lab.ListeningAsync(node, server.Port, cancellation);
        }
    }

    private static Task<FaultRecord> LoseCopiesAsync(BenchLab lab, LabHost node, int basisPoints, CancellationToken cancellation) =>
        lab.Laboratory.FaultAsync(new FaultRequest(FaultKind.TapLoss, LabNames.Of(node)) { BasisPoints = basisPoints }, cancellation);

    /// <summary>Leaves in the lab's logs what the gateway says of every connection; only that tells afterwards which was not protected, and what it lacked.</summary>
    private static async Task DescribeAsync(BenchLab lab, int number, CancellationToken cancellation) =>
        await File.WriteAllTextAsync(lab.Log($"unprotected-{number}"), $"{await lab.Gateway.StatusAsync(cancellation)}\n{await lab.Gateway.FlowsAsync(cancellation)}\n", cancellation);

    private static async Task<bool> AreProtectedAsync(BenchLab lab, CancellationToken cancellation)
    {
        var view = await lab.Gateway.WaitAsync(AreProtected, s_recovery, cancellation);
        return view is not null && AreProtected(view);

        static bool AreProtected(GatewayView view) => view.Flows > 0 && view.Recorder.Protected == view.Flows && view.Nodes.All(static node => node.Role is "active" or "replica");
    }

    /// <summary>The lines in which a node says that a connection differs, or that it had to be reset for it.</summary>
    private static List<string> Alarms(BenchLab lab) =>
        [.. LabNames.Nodes.SelectMany(node => File.ReadLines(lab.Laboratory.LogFile(node))).Where(static line => line.Contains(AlarmEvents, StringComparison.Ordinal))];

    private static async Task<long> RetransmissionsAsync(BenchLab lab, CancellationToken cancellation)
    {
        var counters = (await lab.RequireAsync(LabHost.Client, ["cat", "/proc/net/snmp"], cancellation)).Split('\n').Where(static line => line.StartsWith("Tcp:", StringComparison.Ordinal)).Select(static line => line.Split(' ')).ToList();
        return long.Parse(counters[1][Array.IndexOf(counters[0], "RetransSegs")], CultureInfo.InvariantCulture);
    }

    /// <summary>Of the lab's own filter, which is made anew with each loss.</summary>
    private static async Task<long> CopiesLostAsync(BenchLab lab, CancellationToken cancellation)
    {
        var rules = await lab.Laboratory.RunAsync(LabHost.Switch, ["nft", "list", "ruleset"], cancellation: cancellation);
        var words = rules.Output.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        return words.Select(static (word, i) => (word, i)).Where(static at => string.Equals(at.word, "packets", StringComparison.Ordinal)).Sum(at => long.Parse(words[at.i + 1], CultureInfo.InvariantCulture));
    }
}
