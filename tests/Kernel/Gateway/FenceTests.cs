using System.Net;
using System.Net.Sockets;
using Appliance.Bpf.Layout;
using Appliance.ControlPlane;
using Appliance.Tests.Kernel.Fixtures;
using Appliance.Tests.Kernel.Net;
using Appliance.Tests.Support;

namespace Appliance.Tests.Kernel.Gateway;

/// <summary>Server → client: only the node that holds the service may speak for it.</summary>
[TestClass]
public sealed class FenceTests
{
    private static GatewayRig _rig = null!;

    public static IEnumerable<object[]> Cases => Rows.ForBoth(Fixtures);

    [ClassInitialize]
    public static void Load(TestContext context) => _rig = new GatewayRig();

    [ClassCleanup]
    public static void Unload() => _rig.Dispose();

    [TestMethod]
    [DynamicData(nameof(Cases))]
    internal void Fences(GatewayFixture fixture) => NetworkNamespaceScope.Run(() => fixture.Check(_rig));

    [TestMethod]
    public void One_store_of_the_assignment_turns_the_fence_and_the_forwarding() => NetworkNamespaceScope.Run(static () =>
    {
        _rig.Reset();
        var down = Ends.V4.FromService().Seq(5001).Ack(1001).Payload(1);
        var up = Ends.V4.FromClient().Seq(1001).Ack(5001);

        Verdict[] Voices() => [.. new[] { Scene.Node0, Scene.Node1 }.Select(n => _rig.Run(GatewayRig.Ingress, down.From(n).ToBytes()).Verdict)];
        CollectionAssert.AreEqual(new[] { Verdict.Ok, Verdict.Shot }, Voices());
        _rig.Run(GatewayRig.Egress, up.ToBytes()).AssertFrame(up.To(Scene.Node0).ToBytes());

        _rig.State.Assignment = new Assignment(8, 1, 0).Word;
        CollectionAssert.AreEqual(new[] { Verdict.Shot, Verdict.Ok }, Voices());
        _rig.Run(GatewayRig.Egress, up.ToBytes()).AssertFrame(up.To(Scene.Node1).ToBytes());

        _rig.State.Assignment = Assignment.None.Word;
        CollectionAssert.AreEqual(new[] { Verdict.Shot, Verdict.Shot }, Voices());
    });

    private static IEnumerable<GatewayFixture> Fixtures(Ends ends)
    {
        const string Program = GatewayRig.Ingress;
        var segment = ends.FromService().Seq(5001).Ack(1001).Payload(10);
        var fenced = new[] { "drop_fenced" };

        yield return new("another source address passes", Program, ends, ends.FromClient().Seq(1).Ack(1).From(Scene.Node1));
        yield return new("a frame with a VLAN tag passes", Program, ends, segment.Vlan(5).From(Scene.Node1));
        yield return new("the active node speaks", Program, ends, segment) { Counts = ["to_client"] };
        yield return new("a replica does not", Program, ends, segment.From(Scene.Node1)) { Verdict = Verdict.Shot, Counts = fenced };
        yield return new("nor a SYN-ACK of a replica, which teaches nothing", Program, ends, ends.FromService().Seq(5000).Ack(1001).Syn().From(Scene.Node1))
        {
            Verdict = Verdict.Shot, Counts = fenced, Opening = Given.HalfOpen,
        };
        yield return new("nobody speaks while nobody holds the service", Program, ends, segment)
        {
            Assignment = Assignment.None, Verdict = Verdict.Shot, Counts = fenced,
        };
        yield return new("UDP is fenced, too", Program, ends, segment.Protocol(ProtocolType.Udp).From(Scene.Node1)) { Verdict = Verdict.Shot, Counts = fenced };
        yield return new("so are fragments", Program, ends, segment.Fragment(10, more: false).From(Scene.Node1)) { Verdict = Verdict.Shot, Counts = fenced };
        yield return new("so is what is malformed", Program, ends, segment.DataOffset(0).From(Scene.Node1)) { Verdict = Verdict.Shot, Counts = fenced };
        yield return new("UDP of the active node passes", Program, ends, segment.Protocol(ProtocolType.Udp)) { Counts = ["pass_other", "to_client"] };
        yield return new("fragments of the active node pass", Program, ends, segment.Fragment(10, more: false)) { Counts = ["pass_fragment", "to_client"] };
        yield return new("a port without a service passes", Program, ends, ends.At(22).FromService().Seq(1).Ack(1)) { Counts = ["pass_other", "to_client"] };
        yield return new("the active node's malformed segments are dropped", Program, ends, segment.DataOffset(4))
        {
            Verdict = Verdict.Shot, Counts = ["drop_malformed"],
        };
        for (var i = 0; i < MacAddress.Length; i++)
        {
            var mac = Scene.Node0.ToArray();
            mac[i] ^= 1;
            yield return new($"byte {i} of the source is compared", Program, ends, segment.From(new MacAddress(mac))) { Verdict = Verdict.Shot, Counts = fenced };
        }

        var vip = Ends.V4.Service.Address;
        yield return new("ARP for another address passes", Program, ends, Arp.Announce(Ends.V4.Client.Address, Scene.Node1));
        yield return new("ARP that claims the address for a replica does not", Program, ends, Arp.Announce(vip, Scene.Node1)) { Verdict = Verdict.Shot, Counts = fenced };
        yield return new("ARP of the active node passes", Program, ends, Arp.Announce(vip, Scene.Node0)) { Counts = ["to_client", "pass_other"] };

        var linkLocal = IPAddress.Parse("fe80::1");
        vip = Ends.V6.Service.Address;
        byte[] Advertise(IPAddress source, IPAddress target, MacAddress mac) => Neighbour.Message(Neighbour.Advertisement, source, target, mac);
        yield return new("an advertisement of another address passes", Program, ends, Advertise(linkLocal, Ends.V6.Client.Address, Scene.Node1));
        yield return new("one that claims the address for a replica does not", Program, ends, Advertise(linkLocal, vip, Scene.Node1))
        {
            Verdict = Verdict.Shot, Counts = fenced,
        };
        yield return new("nor in the address's own name", Program, ends, Advertise(vip, vip, Scene.Node1)) { Verdict = Verdict.Shot, Counts = fenced };
        yield return new("nor while nobody holds the service", Program, ends, Advertise(linkLocal, vip, Scene.Node0))
        {
            Assignment = Assignment.None, Verdict = Verdict.Shot, Counts = fenced,
        };
        yield return new("the active node's advertisement passes", Program, ends, Advertise(linkLocal, vip, Scene.Node0))
        {
            Counts = ["to_client", "pass_other"],
        };
        yield return new("who asks for the address does not claim it", Program, ends,
            Neighbour.Message(Neighbour.Solicitation, linkLocal, vip, Scene.Node1));
        yield return new("an advertisement that ends within its target passes", Program, ends, Advertise(linkLocal, vip, Scene.Node1)[..77]);
    }
}
