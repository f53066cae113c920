using System.Net;
using System.Net.Sockets;
using Appliance.Lab;
using Appliance.Lab.Faults;
using Appliance.Lab.Namespaces;
using Appliance.Lab.Topology;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab;

[TestClass]
public sealed class TapLossTests : LabTest
{
    private const int Datagrams = 3000;
    private const int Port = 7000;

    [TestMethod]
    public async Task Loses_the_given_share_of_the_services_frames_and_nothing_else()
    {
        using var lab = await NetworkAsync();
        await lab.RunAsync(LabHost.Node2, ["ip", "addr", "add", LabAddresses.Vip4 + "/32", "dev", "lan0"], cancellation: Cancellation);
        Assert.AreEqual(Datagrams, Arriving(lab, LabAddresses.Vip4));

        var fault = await lab.FaultAsync(Loss(2000), Cancellation);
        Assert.AreEqual(LabHost.Node2, fault.Target);
        var arriving = Arriving(lab, LabAddresses.Vip4);
        TestContext.WriteLine($"{Datagrams - arriving} of {Datagrams} lost");

        // 20 % with a standard deviation of 22: the bounds are 6 of them away.
        Assert.IsInRange(Datagrams * 0.8 - 132, Datagrams * 0.8 + 132, (double)arriving);
        Assert.AreEqual(Datagrams, Arriving(lab, LabAddresses.Node4(LabHost.Node2)), "heartbeats and the like are spared");

        await lab.FaultAsync(Loss(10_000), Cancellation);
        Assert.AreEqual(0, Arriving(lab, LabAddresses.Vip4));

        await lab.FaultAsync(Loss(0), Cancellation);
        Assert.AreEqual(Datagrams, Arriving(lab, LabAddresses.Vip4));
        Assert.IsEmpty((await lab.StatusAsync(Cancellation)).Faults);
    }

    private static FaultRequest Loss(int basisPoints) => new(FaultKind.TapLoss, FaultRequest.Backup) { BasisPoints = basisPoints };

    /// <summary>Sends datagrams from the gateway and counts those that reach node2.</summary>
    private static int Arriving(Laboratory lab, string address)
    {
        using var receiver = Open(lab, LabHost.Node2);
        using var sender = Open(lab, LabHost.Gateway);
        receiver.ReceiveBufferSize = 8 << 20;
        receiver.Bind(new IPEndPoint(IPAddress.Parse(address), Port));
        var payload = new byte[16];
        var received = 0;
        for (var sent = 0; sent < Datagrams; sent++)
        {
            sender.SendTo(payload, new IPEndPoint(IPAddress.Parse(address), Port));
            while (receiver.Poll(0, SelectMode.SelectRead))
            {
                received += receiver.Receive(payload) > 0 ? 1 : 0;
            }
        }

        while (receiver.Poll(TimeSpan.FromMilliseconds(100), SelectMode.SelectRead))
        {
            received += receiver.Receive(payload) > 0 ? 1 : 0;
        }

        return received;
    }

    private static Socket Open(Laboratory lab, LabHost host) => NetworkNamespace.Run(
        lab.Namespace(host),
        () => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
}
