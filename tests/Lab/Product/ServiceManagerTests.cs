using System.Net.Sockets;
using System.Text;
using Appliance.Lab.Processes;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Product;

/// <summary>systemd hears when a program is ready and when it ends (sd_notify(3)).</summary>
[TestClass]
public sealed class ServiceManagerTests : StartTest
{
    [TestMethod]
    [DataRow(LabHost.Gateway)]
    [DataRow(LabHost.Node1)]
    public async Task Ready_and_stopping_are_told(LabHost host)
    {
        var path = Path.Combine(Lab.Directory, "notify");
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(path));
        var process = Keep(Lab.StartProcess(host, ["env", $"NOTIFY_SOCKET={path}", .. Program(host)], Lab.LogFile(host)));

        Assert.AreEqual("READY=1", await ReceiveAsync(manager));
        process.Signal(UnixSignal.Terminate);
        Assert.AreEqual("STOPPING=1", await ReceiveAsync(manager));
        Assert.AreEqual(0, await process.WaitAsync(Cancellation));
    }

    private async Task<string> ReceiveAsync(Socket socket)
    {
        var buffer = new byte[256];
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(Patience);
        return Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer, limit.Token));
    }
}
