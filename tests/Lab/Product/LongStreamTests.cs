using Appliance.Lab.Faults;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Product;

/// <summary>Streams of more bytes than there are sequence numbers (RFC 9293 section 3.4), so that no position is told by 32 bits alone.</summary>
[TestClass]
public sealed class LongStreamTests : TrafficTest
{
    private const double StreamBytes = 4_700_000_000;

    /// <summary>Beyond 2³² bytes, and with some way to go.</summary>
    private const double Late = 4_350_000_000 / StreamBytes;

    private static readonly TimeSpan s_long = TimeSpan.FromMinutes(2);

    [TestMethod]
    public async Task A_download_and_an_upload_of_more_than_4_GB_pass_through_a_crash()
    {
        var traffic = StartClient(LabAddresses.Vip4, "--downloads", "1", "--uploads", "1", "--stream-bytes", $"{StreamBytes}", "--sha256");
        await ProtectedAsync(flows: 2);
        var epoch = (await GatewayAsync()).Epoch;
        await traffic.UntilAsync(progress => progress is { DownloadFraction: > Late, UploadFraction: > Late }, s_long, Cancellation);

        await FaultAsync(FaultKind.Crash, "primary");

        await TakenOverAsync(LabHost.Node2, epoch);
        AssertUnharmed(await traffic.ReportAsync(Cancellation), connections: 2);
    }
}
