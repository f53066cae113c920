using System.Net;
using System.Net.Sockets;
using System.Text;
using Appliance.Lab.Namespaces;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Api;

/// <summary>A stranger sits on the interface: others are answered, those who are too slow are thrown out, and no connection notices.</summary>
[TestClass]
public sealed class LimitTests : TrafficTest
{
    private const int Connections = 20;
    private const int MostOfOne = 128;
    private const int Strangers = 200;

    [TestMethod]
    public async Task A_stranger_takes_no_more_than_a_part_and_not_for_long()
    {
        var traffic = StartClient(LabAddresses.Vip4, "--connections", $"{Connections}", "--wait-stop");
        await ProtectedAsync(Connections);

        var slow = new[]
        {
            Send(Connect(), "GET /healthz HTTP/1.1\r\nHost: gateway\r\nX-Slow: "),
            Send(Connect(), "POST /api/v1/failover HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n{"),
        };
        var idle = Enumerable.Range(0, Strangers).Select(_ => Connect()).ToList();
        await UntilAsync(() => idle.Count(IsOver) == Strangers - (MostOfOne - slow.Length), "what is too much is refused");
        StringAssert.StartsWith(Read(idle.First(IsOver)), "HTTP/1.1 503 ", StringComparison.Ordinal);

        Assert.AreEqual(Connections, (await GatewayAsync()).Flows, "others are answered");
        await UntilAsync(() => slow.All(socket => IsOver(Send(socket, " "))), "who is too slow is thrown out");
        foreach (var socket in slow)
        {
            StringAssert.StartsWith(Read(socket), "HTTP/1.1 408 ", StringComparison.Ordinal);
        }

        AssertUnharmed(await traffic.FinishAsync(Cancellation), Connections);
    }

    private Socket Connect()
    {
        var socket = Keep(NetworkNamespace.Run(Lab.Namespace(LabHost.Client), () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)));
        socket.Connect(IPAddress.Parse(LabAddresses.GatewayOuter4), LabAddresses.ApiPort);
        return socket;
    }

    private static Socket Send(Socket socket, string text)
    {
        if (!IsOver(socket))
        {
            socket.Send(Encoding.ASCII.GetBytes(text));
        }

        return socket;
    }

    private static bool IsOver(Socket socket) => socket.Poll(0, SelectMode.SelectRead);

    private static string Read(Socket socket)
    {
        var answer = new byte[4096];
        return Encoding.ASCII.GetString(answer, 0, socket.Receive(answer));
    }
}
