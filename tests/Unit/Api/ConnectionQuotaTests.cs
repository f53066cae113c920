using System.Net;
using System.Net.Sockets;
using System.Text;
using Appliance.Gateway.Api;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Appliance.Tests.Unit.Api;

/// <summary>Whose connections the web server takes in.</summary>
[TestClass]
public sealed class ConnectionQuotaTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void One_address_gets_no_more_than_its_part()
    {
        var quota = new ConnectionQuota();
        var one = IPAddress.Parse("10.0.0.1");
        Assert.AreEqual(ConnectionQuota.MostOfOne, Enter(quota, one, 1000));
        Assert.IsTrue(quota.TryEnter(IPAddress.Parse("10.0.0.2")));
        quota.Leave(one);
        Assert.AreEqual(1, Enter(quota, one, 10), "a place is free again");
    }

    [TestMethod]
    public void When_most_are_taken_a_newcomer_still_gets_some()
    {
        var quota = new ConnectionQuota();
        var taken = Enumerable.Range(1, 10).Sum(i => Enter(quota, new IPAddress([10, 0, 0, (byte)i]), 1000));
        Assert.AreEqual(ConnectionQuota.MostShared + (6 * ConnectionQuota.Reserved), taken);
        taken += Enumerable.Range(0, 1000).Sum(i => Enter(quota, new IPAddress([10, 1, (byte)(i >> 8), (byte)i]), 1000));
        Assert.AreEqual(ConnectionQuota.Most, taken, "all have an end");
    }

    [TestMethod]
    [DataRow("fd00::1", "fd00::ffff:1", true)]
    [DataRow("fd00::1", "fd00:0:0:1::1", false)]
    [DataRow("10.0.0.1", "::ffff:10.0.0.1", true)]
    [DataRow("10.0.0.1", "10.0.0.2", false)]
    public void A_subnet_of_IPv6_is_one_address(string one, string other, bool same)
    {
        var quota = new ConnectionQuota();
        Enter(quota, IPAddress.Parse(one), ConnectionQuota.MostOfOne);
        Assert.AreEqual(!same, quota.TryEnter(IPAddress.Parse(other)));
    }

    [TestMethod]
    public async Task Who_is_refused_is_told_and_can_come_back()
    {
        var builder = WebApplication.CreateSlimBuilder();
        var quota = new ConnectionQuota();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(endpoint => endpoint.UseQuota(quota, isSecure: false)));
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        app.MapGet("/", () => "here");
        await app.StartAsync(Cancellation);
        var address = new Uri(app.Urls.Single());
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address };
        var idle = new List<Socket>();
        try
        {
            for (var i = 0; i < ConnectionQuota.MostOfOne; i++)
            {
                idle.Add(Connect(address));
                await AskAsync(idle[^1]);
            }
            StringAssert.StartsWith(await AskAsync(Connect(address)), "HTTP/1.1 503 ", StringComparison.Ordinal);
        }
        finally
        {
            idle.ForEach(socket => socket.Dispose());
        }
        while ((await http.GetAsync("/", Cancellation)).StatusCode == HttpStatusCode.ServiceUnavailable)
        {
            await Task.Delay(10, Cancellation);
        }
        Assert.AreEqual("here", await http.GetStringAsync("/", Cancellation));
    }

    private CancellationToken Cancellation => TestContext.CancellationToken;

    private static int Enter(ConnectionQuota quota, IPAddress from, int times) => Enumerable.Range(0, times).Count(_ => quota.TryEnter(from));

    private static Socket Connect(Uri address)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(IPAddress.Loopback, address.Port);
        return socket;
    }

    /// <summary>A request, and the beginning of the answer.</summary>
    private async Task<string> AskAsync(Socket socket)
    {
        var answer = new byte[4096];
        try
        {
            await socket.SendAsync("GET / HTTP/1.1\r\nHost: gateway\r\n\r\n"u8.ToArray(), Cancellation);
        }
        catch (SocketException)
        {
            // It has been refused already; the answer is there.
        }
        return Encoding.ASCII.GetString(answer, 0, await socket.ReceiveAsync(answer, Cancellation));
    }
}
