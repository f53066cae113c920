using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Appliance.Lab;
using Appliance.Lab.Faults;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Product;

/// <summary>
/// Many connections that change one value: unless requests go one at a time, the replica's server executes their commands in an order of its own, so its
/// answers are others. Redis numbers its answers here, so that a wrong one shows.
/// </summary>
/// <param name="delivery">As in the configuration.</param>
/// <param name="pause">Between an answer and the next request of a client.</param>
public abstract class RedisOrderTest(string delivery, TimeSpan pause) : ApplianceTest
{
    private const int Port = 6379;
    private const int Clients = 50;

    /// <summary>A replica whose answer was shorter waits for ten seconds for output that never comes, before that is known.</summary>
    private static readonly TimeSpan s_longestSilence = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    protected override LabOptions Options => base.Options with
    {
        ConfigurationFile = Keep(new ConfigurationOverlay($$"""services: [{ name: all, addresses: ["{{LabAddresses.Vip4}}", "{{LabAddresses.Vip6}}"], delivery: {{delivery}} }]""")).Path,
    };

    /// <summary>Has the clients count until after a crash.</summary>
    protected async Task<(List<long> Numbers, bool IsReset)[]> CountThroughCrashAsync()
    {
        var redis = DebianServer.Require("/usr/bin/redis-server", "redis-server");
        foreach (var node in LabNames.Nodes)
        {
            var disk = await DebianServer.DirectoryOfAsync("redis", Path.Combine(Lab.DataDirectory(node), "redis"));
            await StartListeningAsync(node, Port, DebianServer.As("redis", redis, "--bind", "*", "--protected-mode", "no", "--dir", disk, "--save", ""));
        }

        var sockets = ClientNetwork.Open(Lab, Clients);
        foreach (var socket in sockets)
        {
            Keep(socket);
            await socket.ConnectAsync(ClientNetwork.Service(Port), Cancellation);
        }

        using var stop = new CancellationTokenSource();
        var counting = sockets.Select(socket => Task.Run(() => CountAsync(socket, pause, stop.Token))).ToList();
        await Task.Delay(TimeSpan.FromSeconds(1), Cancellation);
        var epoch = (await GatewayAsync()).Epoch;
        var before = await GatewayAsync();
        await FaultAsync(FaultKind.Crash, "node1");
        await TakenOverAsync(LabHost.Node2, epoch);
        await Task.Delay(TimeSpan.FromSeconds(1), Cancellation);
        await stop.CancelAsync();

        var clients = await Task.WhenAll(counting);
        TestContext.WriteLine(
            $"{clients.Count(client => client.IsReset)} of {Clients} reset ({before.Recorder.In("diverged")} known before), {clients.Sum(client => client.Numbers.Count)} numbers");
        foreach (var client in clients)
        {
            CollectionAssert.AreEqual(client.Numbers.Order().ToList(), client.Numbers, "a client's own numbers rise");
        }

        return clients;
    }

    /// <summary>Increments until the end or a reset; fails when an answer is none.</summary>
    private static async Task<(List<long> Numbers, bool IsReset)> CountAsync(Socket socket, TimeSpan pause, CancellationToken stop)
    {
        var numbers = new List<long>();
        var buffer = new byte[64];
        try
        {
            while (!stop.IsCancellationRequested)
            {
                await socket.TellAsync("INCR n\r\n");
                var length = 0;
                do
                {
                    var received = await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None).AsTask().WaitAsync(s_longestSilence, CancellationToken.None);
                    Assert.AreNotEqual(0, received, "the connection was closed");
                    length += received;
                }
                while (buffer[length - 1] != (byte)'\n');
                var answer = Encoding.ASCII.GetString(buffer, 0, length);
                Assert.IsTrue(
                    answer.StartsWith(':') && answer.EndsWith("\r\n", StringComparison.Ordinal) && long.TryParse(answer[1..^2], CultureInfo.InvariantCulture, out _),
                    $"'{answer}' after {numbers.LastOrDefault()}");
                numbers.Add(long.Parse(answer[1..^2], CultureInfo.InvariantCulture));
                if (pause > TimeSpan.Zero)
                {
                    await Task.Delay(pause, CancellationToken.None);
                }
            }

            return (numbers, false);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            return (numbers, true);
        }
    }
}

/// <summary>Where both servers may execute concurrent requests in orders of their own.</summary>
public abstract class ConcurrentRedisTest(string delivery) : RedisOrderTest(delivery, TimeSpan.Zero)
{
    [TestMethod]
    public async Task Whoever_could_read_a_wrong_number_is_reset_and_no_two_that_go_on_have_one_number()
    {
        // One that is reset may have had a number of the dead server that the survivor, which had another order, gives somebody else.
        var clients = await CountThroughCrashAsync();
        var twice = clients.Where(client => !client.IsReset).SelectMany(client => client.Numbers).CountBy(number => number).Where(count => count.Value > 1).Select(count => count.Key).ToList();
        Assert.IsEmpty(twice, string.Join(", ", twice));
    }
}

/// <summary>As it comes: most connections diverge.</summary>
[TestClass]
public sealed class CausalRedisTests() : ConcurrentRedisTest("causal");

/// <summary>In the order in which they passed the gateway.</summary>
[TestClass]
public sealed class OrderedRedisTests() : ConcurrentRedisTest("ordered");

/// <summary>One at a time.</summary>
[TestClass]
public sealed class SerialRedisTests() : RedisOrderTest("serial", TimeSpan.FromMilliseconds(50))
{
    [TestMethod]
    public async Task Nobody_is_reset_and_every_number_is_given_once()
    {
        var clients = await CountThroughCrashAsync();
        Assert.AreEqual(0, clients.Count(client => client.IsReset));
        var numbers = clients.SelectMany(client => client.Numbers).Order().ToList();
        CollectionAssert.AreEqual(Enumerable.Range(1, numbers.Count).Select(number => (long)number).ToList(), numbers);
    }
}
