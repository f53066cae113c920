using Appliance.Lab;
using Appliance.Lab.Namespaces;
using Appliance.Lab.Processes;
using Appliance.Lab.Topology;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab;

[TestClass]
public sealed class NetworkTests : LabTest
{
    [TestMethod]
    public async Task Hosts_reach_each_other_over_both_address_families()
    {
        using var lab = await NetworkAsync();
        foreach (var node in LabNames.Nodes)
        {
            Assert.IsTrue(lab.Reaches(LabHost.Client, LabAddresses.Node4(node)), $"client to {node}, IPv4");
            Assert.IsTrue(lab.Reaches(LabHost.Client, LabAddresses.Node6(node)), $"client to {node}, IPv6");
            Assert.IsTrue(lab.Reaches(node, LabAddresses.Client6), $"{node} to client");
            Assert.IsTrue(lab.Reaches(node, LabAddresses.Node4(LabNames.Peer(node))), $"{node} to its peer");
        }

        Assert.IsFalse(lab.Reaches(LabHost.Client, LabAddresses.Vip4), "no one has placed the service address");
    }

    [TestMethod]
    public async Task The_gateway_is_reached_from_outside_the_lab()
    {
        using var lab = await NetworkAsync();
        var names = LabNames.Create(LabName);
        using var server = NetworkNamespace.Run(names.Namespace(LabHost.Gateway), () =>
        {
            var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Any, lab.ApiUrl.Port);
            listener.Start();
            return listener;
        });
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(lab.ApiUrl.Host, lab.ApiUrl.Port, Cancellation);
    }

    [TestMethod]
    public async Task Labs_exist_side_by_side()
    {
        using var one = await NetworkAsync();
        using var other = await NetworkAsync(OtherName);

        Assert.AreNotEqual(one.ApiUrl, other.ApiUrl);
        await Laboratory.DownAsync(LabName);
        Assert.IsTrue(other.Reaches(LabHost.Client, LabAddresses.Node4(LabHost.Node1)));
    }

    [TestMethod]
    public async Task A_name_is_given_once()
    {
        using var lab = await NetworkAsync();
        var error = await Assert.ThrowsExactlyAsync<LabException>(() => NetworkAsync());
        Assert.AreEqual(LabFailure.AlreadyUp, error.Failure);
        StringAssert.Contains(error.Message, $"lab down --name {LabName}");
        Assert.IsTrue(lab.Reaches(LabHost.Client, LabAddresses.Node4(LabHost.Node1)), "the lab that was there is unharmed");
    }

    [TestMethod]
    public async Task Nodes_are_tuned_as_the_appliance_asks()
    {
        using var lab = await NetworkAsync();
        var result = await lab.RunAsync(LabHost.Node1, ["cat", "/proc/sys/net/ipv4/tcp_rmem"], cancellation: Cancellation);
        Assert.AreEqual("4096\t16777216\t33554432\n", result.Output);
    }

    [TestMethod]
    public async Task Down_leaves_nothing()
    {
        using var lab = await NetworkAsync();
        var identities = Identities(lab);
        var link = ManagementLink(lab);
        using var stubborn = lab.StartProcess(LabHost.Node1, ["sh", "-c", "trap '' TERM; while :; do sleep 0.1; done"], "/dev/null");
        using var ordinary = lab.StartProcess(LabHost.Client, ["sleep", "1000"], "/dev/null");
        await EventuallyAsync(() => ProcessTable.InNamespace(identities[0]).Count == 1, "the program runs in the client's namespace");

        Assert.IsTrue(await Laboratory.DownAsync(LabName));

        AssertGone(LabName, identities, link);
        Assert.AreEqual(143, await ordinary.WaitAsync(Cancellation), "ended in good order");
        Assert.AreEqual(137, await stubborn.WaitAsync(Cancellation), "ended by force");
        Assert.IsFalse(await Laboratory.DownAsync(LabName), "nothing is left to do");
    }
}
