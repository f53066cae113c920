using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Appliance.Gateway.Recording.Store;
using Appliance.Host;
using Appliance.Lab.Processes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Recording.Store;

/// <summary>The server in the gateway's own process.</summary>
[TestClass]
public sealed class EmbeddedGarnetTests : StoreTest
{
    private readonly string _directory = Directory.CreateTempSubdirectory("appliance-garnet-").FullName;

    [TestCleanup]
    public async Task RemoveDirectory()
    {
        await CloseStores();
        Directory.Delete(_directory, recursive: true);
    }

    [TestMethod]
    public async Task What_is_acknowledged_survives_a_process_that_is_killed()
    {
        var store = Start(_directory);
        Fill(store, Key(1), 1, 3_000_000);
        await AcknowledgedAsync(store, store.SaveControl(new SavedControl(5000, 42, 1, 3)));

        // What the files hold at this moment is what a killed process leaves: the kernel keeps what was written.
        var left = Path.Combine(_directory, "left");
        using (var copy = Process.Start("cp", ["-r", Path.Combine(_directory, "data"), left]))
        {
            await copy.WaitForExitAsync(Cancellation);
        }
        await store.DisposeAsync();

        var second = Keep(new RedisRecordingStore(EmbeddedGarnet.Start(left, 0, NullLogger.Instance), Settings, NullLogger.Instance, Reports.Enqueue));
        Assert.AreEqual(new SavedControl(5000, 42, 1, 3), await second.LoadControlAsync(Cancellation));
        AssertHolds((await LoadAsync(second)).Single(), 0, 3_000_000);
        Assert.IsEmpty(Reports);
    }

    [TestMethod]
    public async Task Slow_connections_among_fast_ones_are_stored_right()
    {
        await using (var store = Start(_directory))
        {
            for (var round = 0; round < 40; round++)
            {
                for (var flow = 0; flow < 50; flow++)
                {
                    Fill(store, Key(flow), (uint)flow, 24, from: 24 * round);
                }
                await AcknowledgedAsync(store, Fill(store, Key(1000 + round), 1, 2_000_000, piece: 60_000));
                if (round >= 4)
                {
                    store.Close(Key(1000 + round - 4), 1);
                }
            }
        }
        var flows = (await LoadAsync(Start(_directory))).Where(f => f.Key.ClientPort < 3000).ToList();
        Assert.HasCount(50, flows);
        flows.ForEach(f => AssertHolds(f, 0, 960));
    }

    [TestMethod]
    public async Task Only_this_process_gets_in()
    {
        using var server = EmbeddedGarnet.Start(Path.Combine(_directory, "data"), 0, NullLogger.Instance);
        var connection = await server.ConnectionString;
        var port = int.Parse(connection.Split(':', ',')[1]);
        var listener = System.Net.NetworkInformation.IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Single(l => l.Port == port);
        Assert.AreEqual(IPAddress.Loopback, listener.Address);

        var stranger = Open($"127.0.0.1:{port}");
        await UntilAsync(() => stranger.State == StoreState.Degraded, "refused", stranger);
        Assert.AreEqual(StoreTrouble.Auth, stranger.Status.Trouble);
        Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.Combine(_directory, "data", "garnet-2")));
    }

    [TestMethod]
    public void A_port_that_is_taken_is_named()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        var error = Assert.ThrowsExactly<StartupException>(() => EmbeddedGarnet.Start(_directory, port, NullLogger.Instance));
        StringAssert.StartsWith(error.Message, $"recorder.embeddedPort: 127.0.0.1:{port}: Address already in use: choose a free port");
    }

    [TestMethod]
    public void A_directory_has_one_user()
    {
        using var server = EmbeddedGarnet.Start(_directory, 0, NullLogger.Instance);
        var error = Assert.ThrowsExactly<StartupException>(() => EmbeddedGarnet.Start(_directory, 0, NullLogger.Instance));
        StringAssert.StartsWith(error.Message, $"recorder.dataDirectory: {_directory}/garnet-2 cannot be used");
        error = Assert.ThrowsExactly<StartupException>(() => EmbeddedGarnet.Start("/proc/none", 0, NullLogger.Instance));
        StringAssert.StartsWith(error.Message, "recorder.dataDirectory: /proc/none/garnet-2 cannot be used");
    }

    [TestMethod]
    public async Task Data_that_cannot_be_read_are_moved_aside()
    {
        var server = EmbeddedGarnet.Start(Path.Combine(_directory, "data"), 0, NullLogger.Instance);
        await using (var store = new RedisRecordingStore(server, Settings, NullLogger.Instance))
        {
            await AcknowledgedAsync(store, Fill(store, Key(1), 1, 300_000));
            var words = (await server.ConnectionString).Split(':', ',', '=');
            await CommandRunner.RequireAsync(["redis-cli", "-p", words[1], "-a", words[3], "save"]);
        }
        Spoil(Directory.EnumerateFiles(Path.Combine(_directory, "data", "garnet-2", "Store", "checkpoints"), "info.dat*", SearchOption.AllDirectories));

        await WriteAndReadAsync();

        Assert.HasCount(1, Directory.GetDirectories(Path.Combine(_directory, "data"), "garnet-2.unreadable-*"));
        StringAssert.Contains(Reports.Single(), "nothing is left of what an earlier gateway wrote");
    }

    [TestMethod]
    public async Task Garbage_for_data_is_no_obstacle_and_not_silent()
    {
        await using (var store = Start(_directory))
        {
            await AcknowledgedAsync(store, Fill(store, Key(1), 1, 300_000));
        }
        Spoil(Directory.EnumerateFiles(Path.Combine(_directory, "data"), "*", SearchOption.AllDirectories).Where(f => !f.EndsWith("claim", StringComparison.Ordinal)));

        await WriteAndReadAsync();

        StringAssert.Contains(Reports.Single(), "nothing is left of what an earlier gateway wrote");
    }

    private static void Spoil(IEnumerable<string> files)
    {
        foreach (var file in files)
        {
            File.WriteAllBytes(file, Enumerable.Repeat((byte)0x5a, 5000).ToArray());
        }
    }

    private async Task WriteAndReadAsync()
    {
        await using (var store = Start(_directory))
        {
            await AcknowledgedAsync(store, Fill(store, Key(2), 2, 1000));
        }
        AssertHolds((await LoadAsync(Start(_directory))).Single(), 0, 1000);
    }

    private static StoreSettings Settings => new();

    private RedisRecordingStore Start(string directory) => Keep(
        new RedisRecordingStore(EmbeddedGarnet.Start(Path.Combine(directory, "data"), 0, NullLogger.Instance), Settings, NullLogger.Instance, Reports.Enqueue));
}
