using System.Net.Sockets;
using Appliance.Lab.Faults;
using Appliance.Lab.Topology;
using Appliance.Tests.Lab.Support;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Product;

/// <summary>What protocols rarely do and TCP allows: nobody is said to differ for it, and it goes on through a crash.</summary>
[TestClass]
public sealed class UnusualConversationTests : ApplianceTest
{
    private const int Port = 7100;
    private const int Lines = 15;
    private const string Greeting = "welcome\n";

    private static readonly TimeSpan s_betweenLines = TimeSpan.FromMilliseconds(100);
    private static readonly string s_farewell = string.Concat(Enumerable.Range(0, Lines).Select(LineOf));

    [TestMethod]
    public async Task Greetings_urgent_bytes_and_answers_to_a_client_that_has_closed_its_side()
    {
        foreach (var node in LabNames.Nodes)
        {
            Keep(ScriptedServer.Start(Lab, node, Port, ConverseAsync));
        }

        using var greeted = await OpenAsync();
        using var urgent = await OpenAsync();
        using var halfClosed = await OpenAsync();
        await UrgeAsync(urgent, "before");
        Assert.AreEqual("all of it", await halfClosed.EchoAsync("all of it"));
        var epoch = (await ProtectedAsync(3)).Epoch;

        halfClosed.Shutdown(SocketShutdown.Send);
        var first = await halfClosed.HearTextAsync(LineOf(0).Length);
        var rest = halfClosed.HearTextAsync(s_farewell.Length - first.Length);
        Assert.AreEqual(0, (await GatewayAsync()).Recorder.In("diverged"));
        await FaultAsync(FaultKind.Crash, "node1");
        await TakenOverAsync(LabHost.Node2, epoch);

        Assert.AreEqual(s_farewell, first + await rest);
        Assert.IsEmpty(await halfClosed.HearAsync(1), "the server closes when it has said all");
        Assert.AreEqual("speaks at last", await greeted.EchoAsync("speaks at last"));
        await UrgeAsync(urgent, "after");
    }

    private static string LineOf(int number) => $"line {number}\n";

    private async Task<Socket> OpenAsync()
    {
        var socket = await ClientNetwork.ConnectAsync(Lab, Port, Cancellation);
        Assert.AreEqual(Greeting, await socket.HearTextAsync(Greeting.Length));
        return socket;
    }

    /// <summary>The server does not ask for the urgent byte, so its kernel takes it out of the stream (tcp(7), SO_OOBINLINE).</summary>
    private static async Task UrgeAsync(Socket socket, string text)
    {
        Assert.AreEqual(text, await socket.EchoAsync(text));
        Assert.AreEqual(1, await socket.SendAsync("!"u8.ToArray(), SocketFlags.OutOfBand));
        Assert.AreEqual(text, await socket.EchoAsync(text));
    }

    /// <summary>Greets, echoes, and has more to say when its client has no more.</summary>
    private static async Task ConverseAsync(Socket socket, CancellationToken cancellation)
    {
        await socket.TellAsync(Greeting);
        await ScriptedServer.EchoAsync(socket, cancellation);
        for (var i = 0; i < Lines; i++)
        {
            await socket.TellAsync(LineOf(i));
            await Task.Delay(s_betweenLines, cancellation);
        }
    }
}
