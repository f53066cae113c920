using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Appliance.Lab.Faults;
using Appliance.Lab.Processes;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Product;

/// <summary>
/// Servers from Debian packages, as they come, run on both nodes: each has a disk of its own, with the same content at
/// the start. Their primary dies in the middle of their work.
/// </summary>
[TestClass]
public sealed class RealServerTests : ApplianceTest
{
    [TestMethod]
    public Task Nginx_goes_on_with_a_download() => DownloadAsync(() => FaultAsync(FaultKind.Crash, "primary"));

    /// <summary>Its master still listens, and starts another one.</summary>
    [TestMethod]
    public Task Nginx_goes_on_with_a_download_whose_worker_is_killed() => DownloadAsync(async () =>
    {
        var master = (await File.ReadAllTextAsync(Path.Combine(Lab.DataDirectory(LabHost.Node1), "nginx.pid"), Cancellation)).Trim();
        var workers = await File.ReadAllTextAsync($"/proc/{master}/task/{master}/children", Cancellation);
        await CommandRunner.RequireAsync(["kill", "-KILL", .. workers.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
    });

    private async Task DownloadAsync(Func<Task> fail)
    {
        const int Length = 120 << 20;
        const int BytesPerSecond = 40 << 20;
        var nginx = DebianServer.Require("/usr/sbin/nginx", "nginx-light");
        var content = new byte[Length];
        new Random(1).NextBytes(content);
        foreach (var node in LabNames.Nodes)
        {
            var disk = Lab.DataDirectory(node);
            await File.WriteAllBytesAsync(Path.Combine(disk, "file"), content, Cancellation);
            File.SetLastWriteTimeUtc(Path.Combine(disk, "file"), new DateTime(2025, 1, 1, 0, 0, 0, DateTimeKind.Utc));
            await File.WriteAllTextAsync(Path.Combine(disk, "nginx.conf"), NginxConfiguration(disk), Cancellation);
            await StartListeningAsync(node, 80, nginx, "-c", Path.Combine(disk, "nginx.conf"));
        }

        using var http = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (_, cancellation) => new NetworkStream(await ClientNetwork.ConnectAsync(Lab, 80, cancellation), ownsSocket: true),
        });
        await using var download = await http.GetStreamAsync(new Uri($"http://{LabAddresses.Vip4}/file"), Cancellation);
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 18];
        var started = TimeProvider.System.GetTimestamp();
        Task? crash = null;
        for (var received = 0L; await download.ReadAsync(buffer, Cancellation) is > 0 and var length;)
        {
            digest.AppendData(buffer, 0, length);
            received += length;
            if (crash is null && received > Length / 3)
            {
                await ProtectedFlowsAsync(1);
                crash = fail();
            }

            var ahead = TimeSpan.FromSeconds((double)received / BytesPerSecond) - TimeProvider.System.GetElapsedTime(started);
            await Task.Delay(ahead > TimeSpan.Zero ? ahead : TimeSpan.Zero, Cancellation);
        }

        await crash!;
        Assert.AreEqual(Convert.ToHexString(SHA256.HashData(content)), Convert.ToHexString(digest.GetCurrentHash()));
        Assert.AreEqual("active", (await GatewayAsync()).Node(LabHost.Node2).Role);
    }

    [TestMethod]
    public async Task Memcached_remembers_on_the_same_connection()
    {
        const int Keys = 500;
        var memcached = DebianServer.Require("/usr/bin/memcached", "memcached");
        foreach (var node in LabNames.Nodes)
        {
            await StartListeningAsync(node, 11211, memcached, "-u", "memcache", "-p", "11211");
        }

        using var connection = await ClientNetwork.ConnectAsync(Lab, 11211, Cancellation);
        for (var key = 0; key < Keys; key++)
        {
            var value = new string((char)('a' + (key % 26)), key + 1);
            await AssertAnswersAsync(connection, $"set key{key} 0 0 {value.Length}\r\n{value}\r\n", "STORED\r\n");
        }

        await AssertAnswersAsync(connection, "set counter 0 0 2\r\n41\r\n", "STORED\r\n");
        var epoch = (await ProtectedAsync(1)).Epoch;
        await FaultAsync(FaultKind.Crash, "primary");
        await AssertAnswersAsync(connection, "incr counter 1\r\n", "42\r\n");
        await TakenOverAsync(LabHost.Node2, epoch);

        for (var key = 0; key < Keys; key++)
        {
            var value = new string((char)('a' + (key % 26)), key + 1);
            await AssertAnswersAsync(connection, $"get key{key}\r\n", $"VALUE key{key} 0 {value.Length}\r\n{value}\r\nEND\r\n");
        }

        await AssertAnswersAsync(connection, "incr counter 1\r\n", "43\r\n");
    }

    [TestMethod]
    public async Task Redis_answers_every_pipelined_command()
    {
        const int Batches = 400;
        const int CommandsPerBatch = 4 * 10;
        var redis = DebianServer.Require("/usr/bin/redis-server", "redis-server");
        foreach (var node in LabNames.Nodes)
        {
            var disk = await DebianServer.DirectoryOfAsync("redis", Path.Combine(Lab.DataDirectory(node), "redis"));
            await StartListeningAsync(node, 6379, DebianServer.As("redis", redis, "--bind", "*", "--protected-mode", "no", "--dir", disk, "--save", ""));
        }

        using var connection = await ClientNetwork.ConnectAsync(Lab, 6379, Cancellation);
        var batches = Enumerable.Range(0, Batches).Select(batch => Batch(batch, CommandsPerBatch / 4)).ToList();
        var writing = Task.Run(async () =>
        {
            foreach (var (commands, _) in batches)
            {
                await connection.TellAsync(commands);
                await Task.Delay(5, Cancellation); // a rate, so that the crash comes in the middle
            }
        });
        Task<FaultRecord>? crash = null;
        for (var batch = 0; batch < Batches; batch++)
        {
            Assert.AreEqual(batches[batch].Replies, await connection.HearTextAsync(batches[batch].Replies.Length), $"batch {batch}");
            if (batch == Batches / 4)
            {
                await ProtectedFlowsAsync(1);
                crash = FaultAsync(FaultKind.Crash, "primary");
            }
        }

        await writing;
        await crash!;
        await AssertAnswersAsync(connection, "INCR counter\r\n", $":{Batches * CommandsPerBatch / 4 + 1}\r\n");
        Assert.AreEqual("active", (await GatewayAsync()).Node(LabHost.Node2).Role);

        static (string Commands, string Replies) Batch(int batch, int rounds)
        {
            var commands = new StringBuilder();
            var replies = new StringBuilder();
            for (var round = batch * rounds; round < (batch + 1) * rounds; round++)
            {
                var value = $"value-{round * 7919}";
                commands.Append($"SET key{round} {value}\r\nINCR counter\r\nGET key{round}\r\nAPPEND log x\r\n");
                replies.Append($"+OK\r\n:{round + 1}\r\n${value.Length}\r\n{value}\r\n:{round + 1}\r\n");
            }

            return (commands.ToString(), replies.ToString());
        }
    }

    [TestMethod]
    public async Task PostgreSQL_fails_no_transaction_of_pgbench()
    {
        const int Clients = 8;
        const string Postgres = "postgres";
        var postgres = DebianServer.Require("/usr/lib/postgresql/*/bin/postgres", "postgresql");
        var pgbench = DebianServer.Require("/usr/lib/postgresql/*/bin/pgbench", "postgresql postgresql-contrib");
        var tools = Path.GetDirectoryName(postgres)!;
        var disks = new List<string>();
        foreach (var node in LabNames.Nodes)
        {
            disks.Add(await DebianServer.DirectoryOfAsync(Postgres, Path.Combine(Lab.DataDirectory(node), "pg")));
        }

        await RequireAsync($"{tools}/initdb", "--no-sync", "--auth=trust", "-D", $"{disks[0]}/data");
        await RequireAsync($"{tools}/pg_ctl", "-D", $"{disks[0]}/data", "-l", $"{disks[0]}/log", "-o", $"-c listen_addresses= -k {disks[0]}", "-w", "start");
        await RequireAsync(pgbench, "-h", disks[0], "--initialize", "--quiet", "--scale=4", Postgres);
        await RequireAsync($"{tools}/pg_ctl", "-D", $"{disks[0]}/data", "-w", "-m", "fast", "stop");
        await File.AppendAllTextAsync($"{disks[0]}/data/pg_hba.conf", $"host all all {LabAddresses.Client4}/32 trust\n", Cancellation);
        await CommandRunner.RequireAsync(["cp", "-a", $"{disks[0]}/data", disks[1]]);
        foreach (var (node, disk) in LabNames.Nodes.Zip(disks))
        {
            await StartListeningAsync(node, 5432, DebianServer.As(Postgres, postgres, "-D", $"{disk}/data", "-c", "listen_addresses=*", "-k", disk));
        }

        var output = LogOf(LabHost.Client, "pgbench");
        var bench = Keep(Lab.StartProcess(
            LabHost.Client,
            [pgbench, "-h", LabAddresses.Vip4, "-U", Postgres, $"--client={Clients}", "--jobs=2", "--rate=100", "--time=10", "--no-vacuum", "--progress=1", Postgres],
            output));
        var epoch = (await ProtectedAsync(Clients)).Epoch;

        await FaultAsync(FaultKind.Crash, "primary");

        await TakenOverAsync(LabHost.Node2, epoch);
        Assert.IsFalse(bench.HasExited, "the crash came too late");
        Assert.AreEqual(0, await bench.WaitAsync(Cancellation), await File.ReadAllTextAsync(output, Cancellation));
        var report = await File.ReadAllTextAsync(output, Cancellation);
        TestContext.WriteLine(report);
        StringAssert.Contains(report, "number of failed transactions: 0 ");
    }

    private static string NginxConfiguration(string disk) => $$"""
        daemon off;
        user www-data;
        pid {{disk}}/nginx.pid;
        error_log {{disk}}/nginx.error;
        events { }
        http {
          access_log off;
          client_body_temp_path {{disk}}/body;
          proxy_temp_path {{disk}}/proxy;
          fastcgi_temp_path {{disk}}/fastcgi;
          uwsgi_temp_path {{disk}}/uwsgi;
          scgi_temp_path {{disk}}/scgi;
          sendfile on;
          server { listen 80; root {{disk}}; }
        }

        """;

    private static Task<CommandResult> RequireAsync(params string[] command) => CommandRunner.RequireAsync(DebianServer.As("postgres", command));

    /// <summary>Waits until that many connections have a replica.</summary>
    private Task<GatewayReport> ProtectedFlowsAsync(int flows) => GatewayUntilAsync(
        gateway => gateway.Flows == flows && gateway.Node(LabHost.Node2).Flows.Replicas == flows,
        "every flow has a replica");

    private static async Task AssertAnswersAsync(Socket connection, string question, string answer)
    {
        await connection.TellAsync(question);
        Assert.AreEqual(answer, await connection.HearTextAsync(answer.Length));
    }
}
