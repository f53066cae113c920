using Appliance.Configuration;
using Appliance.Recording;

namespace Appliance.Tests.Unit.Recording.Store;

[TestClass]
public sealed class RecorderOptionsTests
{
    [TestMethod]
    public void The_section_may_be_absent()
    {
        var options = Read("other: 1");
        Assert.AreEqual(
            (RecordPolicy.Unconfirmed, LagPolicy.Protect, 16L << 20, 512L << 20, 64 << 20, TimeSpan.FromSeconds(10)),
            (options.Policy, options.Lag, options.WindowBytes, options.MemoryBytes, options.RingBytes, options.WriteAfter));
        Assert.AreEqual(
            (StoreKind.Embedded, "", 0, "/var/lib/appliance/gateway", "appliance", TimeSpan.FromDays(1), TimeSpan.FromSeconds(2)),
            (options.Store, options.ConnectionString, options.EmbeddedPort, options.DataDirectory, options.KeyPrefix, options.Ttl, options.Timeout));
    }

    [TestMethod]
    public void Everything_can_be_set()
    {
        var options = Read("""
            recorder:
              policy: full
              lag: bestEffort
              windowBytes: 64KiB
              memoryBytes: 1GiB
              ringBytes: 1048576
              writeAfter: 5ms
              redis: 10.0.0.5:6379,password=a,ssl=true
              embeddedPort: 7000
              dataDirectory: /data
              keyPrefix: east-1
              ttl: 60m
              timeout: 500ms
            """);
        Assert.AreEqual(
            (RecordPolicy.Full, LagPolicy.BestEffort, 64L << 10, 1L << 30, 1 << 20, TimeSpan.FromMilliseconds(5)),
            (options.Policy, options.Lag, options.WindowBytes, options.MemoryBytes, options.RingBytes, options.WriteAfter));
        Assert.AreEqual(
            (StoreKind.Redis, "10.0.0.5:6379,password=a,ssl=true", 7000, "/data", "east-1", TimeSpan.FromHours(1), TimeSpan.FromMilliseconds(500)),
            (options.Store, options.ConnectionString, options.EmbeddedPort, options.DataDirectory, options.KeyPrefix, options.Ttl, options.Timeout));
        Assert.AreEqual(StoreKind.None, Read("recorder: { redis: none }").Store);
        Assert.AreEqual(RecordPolicy.Window, Read("recorder: { policy: window }").Policy);
    }

    [TestMethod]
    [DataRow("policy: all", "recorder.policy: 'all' must be one of unconfirmed, window, full")]
    [DataRow("lag: drop", "recorder.lag: 'drop' must be one of protect, bestEffort")]
    [DataRow("windowBytes: 4MB", "recorder.windowBytes: '4MB' is not a size: write a whole number and a unit, such as 64KiB, 4MiB or 1GiB")]
    [DataRow("windowBytes: 1KiB", "recorder.windowBytes: 1KiB must be from 64KiB to 1GiB")]
    [DataRow("windowBytes: 600MiB", "recorder.windowBytes: 600MiB must not be more than memoryBytes (512MiB)")]
    [DataRow("ringBytes: 48MiB", "recorder.ringBytes: 48MiB must be a power of two, such as 64MiB")]
    [DataRow("ringBytes: 2GiB", "recorder.ringBytes: 2GiB must be from 1MiB to 1GiB")]
    [DataRow("writeAfter: 30", "recorder.writeAfter: '30' is not a duration: write a number and a unit, such as 10ms or 2s")]
    [DataRow("redis: redis://10.0.0.5", "recorder.redis: must be embedded, none or a connection string such as 10.0.0.5:6379,password=…,ssl=true; URLs are not read")]
    [DataRow("dataDirectory: data", "recorder.dataDirectory: 'data' must be an absolute path")]
    [DataRow("keyPrefix: 'a{b}'", "recorder.keyPrefix: 'a{b}' must be at most 64 letters, digits and - _ . :")]
    [DataRow("ttl: 1s", "recorder.ttl: 1s must be from 1m to 30d")]
    [DataRow("timeout: 1ms", "recorder.timeout: 1ms must be from 50ms to 1m")]
    [DataRow("embeddedPort: 70000", "recorder.embeddedPort: '70000' must be a whole number from 0 to 65535")]
    [DataRow("polcy: full", "recorder.polcy: unknown setting (line 1), did you mean 'policy'?")]
    public void A_wrong_setting_is_named_with_its_remedy(string setting, string error) => CollectionAssert.AreEqual(
        new[] { error },
        Assert.ThrowsExactly<ConfigurationException>(() => Read($"recorder: {{ {setting} }}")).Errors.ToArray());

    [TestMethod]
    [DataRow("0", 0L)]
    [DataRow("1500", 1500L)]
    [DataRow("64KiB", 65536L)]
    [DataRow("4 MiB", 4L << 20)]
    [DataRow("3GiB", 3L << 30)]
    public void A_size_is_a_number_and_a_unit(string text, long bytes)
    {
        Assert.IsTrue(ByteSize.TryParse(text, out var read));
        Assert.AreEqual(bytes, read);
        Assert.AreEqual(text.Replace(" ", "", StringComparison.Ordinal), ByteSize.Format(bytes));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("MiB")]
    [DataRow("-1")]
    [DataRow("1.5MiB")]
    [DataRow("1mib")]
    [DataRow("1TiB")]
    [DataRow("1048576GiB")]
    [DataRow("999999999999999GiB")]
    [DataRow("99999999999999999999")]
    public void Nothing_else_is_a_size(string text) => Assert.IsFalse(ByteSize.TryParse(text, out _));

    private static RecorderOptions Read(string yaml) => ConfigFile.Parse(yaml, "test", RecorderOptions.Read);
}
