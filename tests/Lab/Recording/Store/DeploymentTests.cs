using System.Diagnostics;
using System.Globalization;
using Appliance.Gateway.Recording.Store;
using Appliance.Host;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Recording.Store;

/// <summary>Cluster, Sentinel and TLS, as operators have them.</summary>
[TestClass]
public sealed class DeploymentTests : StoreTest
{
    [TestMethod]
    public async Task A_cluster_keeps_each_connection_in_one_slot()
    {
        // The bus port is the port plus 10000 by default, which is no port at all for the highest ones.
        var servers = Enumerable.Range(0, 3).Select(_ => RedisServer.Start(
            "--cluster-enabled", "yes", "--cluster-port", RedisServer.FreePort().ToString(CultureInfo.InvariantCulture))).ToList();
        try
        {
            await MeetAsync(servers);
            await using (var store = Open($"{servers[0].Address},{servers[1].Address}"))
            {
                for (var flow = 0; flow < 30; flow++)
                {
                    Fill(store, Key(flow), 1, 200_000);
                }
                store.Release(Key(0), 1, 150_000);
                store.Close(Key(29), 1);
                await AcknowledgedAsync(store, store.SaveControl(new SavedControl(10, 1, 0, 0)));
            }
            foreach (var server in servers)
            {
                Assert.IsNotEmpty(server.Keys().Where(k => k.Contains('{', StringComparison.Ordinal)), "every server holds some");
            }
            foreach (var flow in servers.SelectMany((s, i) => s.Keys().Select(k => (Key: k, Server: i))).Where(k => k.Key.Contains('{', StringComparison.Ordinal)).GroupBy(k => k.Key[..(k.Key.IndexOf('}', StringComparison.Ordinal) + 1)]))
            {
                Assert.HasCount(1, flow.Select(k => servers[0].Cli("cluster", "keyslot", k.Key)).Distinct());
                Assert.HasCount(1, flow.Select(k => k.Server).Distinct());
            }

            var second = Open(servers[2].Address);
            Assert.AreEqual(10ul, (await second.LoadControlAsync(Cancellation))!.Value.EpochCeiling);
            var flows = await LoadAsync(second);
            Assert.HasCount(29, flows);
            foreach (var flow in flows)
            {
                AssertHolds(flow, flow.Start, 200_000);
            }
            Assert.IsEmpty(Reports);
        }
        finally
        {
            servers.ForEach(s => s.Dispose());
        }
    }

    [TestMethod]
    public async Task A_sentinel_is_asked_for_the_master_again_after_it_changed()
    {
        using var first = RedisServer.Start();
        using var second = RedisServer.Start("--replicaof", "127.0.0.1", Text(first.Port));
        await UntilAsync(() => second.Cli("info", "replication").Contains("master_link_status:up", StringComparison.Ordinal), "replication");
        using var sentinel = Sentinel.Start(first.Port);
        var store = Open($"127.0.0.1:{sentinel.Port},serviceName=recordings", TimeSpan.FromMilliseconds(500));
        await AcknowledgedAsync(store, Fill(store, Key(1), 1, 1000));
        await UntilAsync(() => second.Cli("dbsize") == first.Cli("dbsize"), "replicated");

        await UntilAsync(() => sentinel.Cli("sentinel", "replicas", "recordings").Contains(Text(second.Port), StringComparison.Ordinal), "the sentinel knows the replica");
        await UntilAsync(() => sentinel.Cli("sentinel", "failover", "recordings") == "OK", "failover asked for");
        first.Kill();
        await UntilAsync(() => store.Generation > 0 && store.State == StoreState.Ready, "ready", store);
        await AcknowledgedAsync(store, Fill(store, Key(1), 1, 2000));

        Assert.AreEqual(0, store.Emptied);
        Assert.IsTrue(second.Cli("role").StartsWith("master", StringComparison.Ordinal));
        AssertHolds((await LoadAsync(Open(second.Address))).Single(), 0, 2000);
    }

    [TestMethod]
    public async Task A_group_that_no_sentinel_knows_is_named()
    {
        using var server = RedisServer.Start();
        using var sentinel = Sentinel.Start(server.Port);
        var store = Open($"127.0.0.1:{sentinel.Port},serviceName=recordigns");
        await UntilAsync(() => store.State == StoreState.Degraded, "degraded", store);
        StringAssert.Contains(store.Status.Reason, "knows no master 'recordigns': mend serviceName");
    }

    [TestMethod]
    public async Task TLS_with_an_authority_of_ones_own()
    {
        var directory = Directory.CreateTempSubdirectory("appliance-tls-").FullName;
        var (certificate, key) = (Path.Combine(directory, "server.pem"), Path.Combine(directory, "server.key"));
        using (var openssl = Process.Start(new ProcessStartInfo("openssl",
            ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=store.example", "-addext", "subjectAltName=DNS:store.example", "-keyout", key, "-out", certificate]) { UseShellExecute = false, RedirectStandardError = true })!)
        {
            await openssl.StandardError.ReadToEndAsync(Cancellation);
            await openssl.WaitForExitAsync(Cancellation);
        }
        var port = RedisServer.FreePort();
        using var server = RedisServer.Start(
            "--tls-port", Text(port), "--tls-cert-file", certificate, "--tls-key-file", key, "--tls-ca-cert-file", certificate, "--tls-auth-clients", "no");

        var trusting = Open($"127.0.0.1:{port},ssl=true,sslHost=store.example,ca={certificate}");
        await AcknowledgedAsync(trusting, Fill(trusting, Key(1), 1, 500_000));
        AssertHolds((await LoadAsync(trusting)).Single(), 0, 500_000);

        var doubting = Open($"127.0.0.1:{port},ssl=true,sslHost=store.example");
        await UntilAsync(() => doubting.State == StoreState.Degraded, "degraded", doubting);
        Assert.AreEqual(StoreTrouble.Auth, doubting.Status.Trouble);
        StringAssert.Contains(doubting.Status.Reason, "TLS failed");
        var mistaken = Open($"127.0.0.1:{port},ssl=true,sslHost=other.example,ca={certificate}");
        await UntilAsync(() => mistaken.State == StoreState.Degraded, "degraded", mistaken);
        Directory.Delete(directory, recursive: true);
    }

    [TestMethod]
    [DataRow("10.0.0.5:6379,paswort=x", "paswort")]
    [DataRow("password=x", "names no server")]
    [DataRow("10.0.0.5:6379,user=joe,password=x", "only the default user's password is supported")]
    [DataRow("10.0.0.5:6379,ssl=true,ca=/nowhere/ca.pem", "ca: /nowhere/ca.pem cannot be read")]
    [DataRow("10.0.0.5:6379,ssl=perhaps", "ssl")]
    public void A_wrong_connection_string_is_told_at_the_start(string text, string clue)
    {
        var error = Assert.ThrowsExactly<StartupException>(() => new RedisRecordingStore(new StoreSettings { ConnectionString = text }, NullLogger.Instance));
        StringAssert.StartsWith(error.Message, "recorder.redis: ");
        StringAssert.Contains(error.Message, clue);
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);

    private async Task MeetAsync(List<RedisServer> servers)
    {
        var addresses = servers.Select(s => s.Address).ToArray();
        var done = servers[0].Cli(["--cluster", "create", .. addresses, "--cluster-yes"]);
        StringAssert.Contains(done, "All 16384 slots covered");
        await UntilAsync(() => servers.TrueForAll(s => s.Cli("cluster", "info").Contains("cluster_state:ok", StringComparison.Ordinal)), "the cluster is up");
    }
}
