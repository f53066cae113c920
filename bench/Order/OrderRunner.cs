using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Appliance.Bench.Labs;
using Appliance.Bench.Measure;
using Appliance.Configuration;
using Appliance.Lab;
using Appliance.Lab.Faults;
using Appliance.Lab.Namespaces;
using Appliance.Lab.Topology;

namespace Appliance.Bench.Order;

/// <summary>Crashes the primary of a Redis whose clients increment one number, at a random moment.</summary>
public sealed class OrderRunner(BenchContext context)
{
    private static readonly TimeSpan s_detection = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_stepTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_after = TimeSpan.FromSeconds(1);

    /// <summary>A replica whose answer was shorter is waited for ten seconds before its client is reset.</summary>
    private static readonly TimeSpan s_longestSilence = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan s_betweenLooks = TimeSpan.FromMilliseconds(50);

    /// <summary>Makes one crash.</summary>
    public async Task<OrderRun> RunAsync(OrderScenario scenario, CancellationToken cancellation)
    {
        var configuration = $$"""services: [{ name: all, addresses: ["{{LabAddresses.Vip4}}", "{{LabAddresses.Vip6}}"], delivery: {{NameOf(scenario.Delivery)}} }]""";
        await using var lab = await BenchLab.UpAsync(new LabOptions { Name = "order", DetectionTimeout = s_detection, Output = context.Options.Output }, configuration, cancellation);
        using var redis = await RedisPair.StartAsync(lab, cancellation);
        var sockets = NetworkNamespace.Run(
            lab.Laboratory.Namespace(LabHost.Client),
            static () => Enumerable.Range(0, OrderScenario.Clients).Select(static _ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }).ToList());
        try
        {
            foreach (var socket in sockets)
            {
                await socket.ConnectAsync(IPAddress.Parse(LabAddresses.Vip4), RedisPair.Port, cancellation);
            }

            return await CrashAsync(lab, redis, scenario, sockets, cancellation);
        }
        finally
        {
            sockets.ForEach(static socket => socket.Dispose());
        }
    }

    /// <summary>A delivery's name in the configuration.</summary>
    public static string NameOf(DeliveryOrder delivery) => delivery switch
    {
        DeliveryOrder.Ordered => "ordered",
        DeliveryOrder.Serial => "serial",
        _ => "causal",
    };

    private async Task<OrderRun> CrashAsync(BenchLab lab, RedisPair redis, OrderScenario scenario, List<Socket> sockets, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var clients = sockets.Select((socket, i) => new CountingClient(socket, scenario.Pause, context.Options.Seed + i)).ToList();
        var started = TimeProvider.System.GetTimestamp();
        var counting = clients.Select(client => Task.Run(() => client.RunAsync(stop.Token, giveUp.Token), cancellation)).ToList();
        var crashAt = context.RandomTime(1500, 3500);
        var behind = new List<long>();
        while (TimeProvider.System.GetElapsedTime(started) < crashAt)
        {
            behind.Add(await redis.BehindAsync(cancellation));
            await Task.Delay(s_betweenLooks, cancellation);
        }

        var rate = clients.Sum(static client => client.Numbers.Count) / TimeProvider.System.GetElapsedTime(started).TotalSeconds;
        var before = await lab.Gateway.ReadAsync(cancellation);
        var fault = await lab.Laboratory.FaultAsync(new FaultRequest(FaultKind.Crash, LabNames.Of(LabHost.Node1)), cancellation);
        await lab.Gateway.WaitAsync(status => status.TakeoverAfter(fault.AtNs, LabNames.Of(LabHost.Node2)) is not null, s_stepTime, cancellation);
        await Task.Delay(s_after, cancellation);
        await stop.CancelAsync();
        giveUp.CancelAfter(s_longestSilence);
        await Task.WhenAll(counting);

        var twice = clients
            .SelectMany(static (client, i) => client.Numbers.Select(number => (Number: number, client.IsReset, Index: i)))
            .GroupBy(static given => given.Number)
            .Where(static given => given.Count() > 1)
            .ToList();
        var repeated = twice.Count(static given => given.Count(static one => !one.IsReset) > 1);
        var lags = behind.Skip(5).Select(count => (double?)Math.Max(0, count) / rate * 1000).ToList();
        var run = new OrderRun
        {
            Rate = rate,
            KnownBefore = before.Recorder.Diverged,
            Reset = clients.Count(static client => client.IsReset),
            Stuck = clients.Count(static client => client.IsStuck),
            Closed = clients.Count(static client => client.IsClosed),
            Malformed = clients.Count(static client => client.Malformed is not null),
            Repeated = repeated + clients.Sum(static client => client.Numbers.Zip(client.Numbers.Skip(1)).Count(static pair => pair.Second <= pair.First)),
            RepeatedAfterReset = twice.Count - repeated,
            LagMs = Statistics.Median(lags),
            WorstLagMs = Statistics.Max(lags),
            WorstGapMs = clients.Where(static client => client.IsCarried).Select(static client => client.WorstGap.TotalMilliseconds).DefaultIfEmpty().Max(),
        };
        if (run.Malformed > 0 || run.Repeated > 0 || run.RepeatedAfterReset > 0 || run.Closed > 0)
        {
            context.KeepLogs(
                lab,
                $"{NameOf(scenario.Delivery)}: {run.Malformed} answers malformed, {run.Repeated} numbers twice, {run.RepeatedAfterReset} more to a client that was reset, {run.Closed} connections closed; "
                + $"twice: {string.Join(", ", twice.Select(given => $"{given.Key} to {string.Join(" and ", given.Select(one => sockets[one.Index].LocalEndPoint))}"))}",
                clients.Select((client, i) => $"{sockets[i].LocalEndPoint}: after {client.Numbers.Count} answers, the last {client.Numbers.LastOrDefault()}: {JsonSerializer.Serialize(client.Malformed)}{(client.IsClosed ? " closed" : "")}{(client.IsReset ? " reset" : "")}"));
        }

        return run;
    }
}
