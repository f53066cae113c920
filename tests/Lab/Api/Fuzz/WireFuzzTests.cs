using System.Net;
using System.Net.Sockets;
using System.Text;
using Appliance.Tests.Support.Fuzzing;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Lab.Api.Fuzz;

/// <summary>Damaged HTTP: what comes back, if anything does, is no failure of the gateway, and nothing is carried out.</summary>
[TestClass]
public sealed class WireFuzzTests : ApiFuzzTest
{
    private const int Requests = 200;
    private const int AtOnce = 16;
    private static readonly TimeSpan s_silence = TimeSpan.FromMilliseconds(500);

    private static readonly string[] s_valid =
    [
        "GET /api/v1/status HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\nAccept: application/json\r\n\r\n",
        "GET /api/v1/flows?limit=10&offset=3&sort=-age HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\nCookie: appliance_session=1234; a=b\r\n\r\n",
        $"POST /api/v1/failover HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\nAuthorization: Bearer {ReaderToken}\r\nContent-Type: application/json\r\nContent-Length: 18\r\n\r\n{{\"kind\":\"planned\"}}",
        "POST /api/v1/nodes/node1/drain HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n13\r\n{\"acceptLoss\":true}\r\n0\r\n\r\n",
        "GET /nodes/node1/health HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\nRange: bytes=0-1\r\nIf-None-Match: *\r\n\r\n",
        "DELETE /api/v1/session HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}",
    ];

    [TestMethod]
    public Task Damaged_requests_do_no_harm() => UnharmedAsync(async () =>
    {
        var random = new Random(Seed);
        var mutator = new Mutator(random);
        var answered = 0;
        foreach (var valid in s_valid)
        {
            Assert.IsGreaterThan(0, (await ExchangeAsync(Encoding.ASCII.GetBytes(valid))).Length, valid);
        }

        var requests = Enumerable.Range(0, Requests).Select(_ => mutator.Damage(Any(random), Any(random))).ToList();
        await Parallel.ForEachAsync(requests, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Cancellation }, async (request, _) =>
        {
            foreach (var status in Statuses(await ExchangeAsync(request)))
            {
                Interlocked.Increment(ref answered);
                Assert.IsTrue(status is < 500 or 505, $"{status} to {Encoding.Latin1.GetString(request)}; {FuzzSeed.Hint(Seed)}"); // 505: another version of HTTP
            }
        });

        Assert.IsGreaterThan(Requests / 2, answered, "most are answered");
        Assert.AreEqual(1UL, (await GatewayAsync()).Epoch, FuzzSeed.Hint(Seed));
    });

    /// <summary>Sends bytes and no more; the result is all that comes back until the end, or until nothing more does.</summary>
    private async Task<byte[]> ExchangeAsync(byte[] request)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Parse(Lab.ApiUrl.Host), Lab.ApiUrl.Port), Cancellation);
        var answer = new byte[1 << 20];
        var length = 0;
        try
        {
            await socket.SendAsync(request, Cancellation);
            while (length < answer.Length)
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
                limit.CancelAfter(s_silence);
                var more = await socket.ReceiveAsync(answer.AsMemory(length), limit.Token);
                if (more == 0)
                {
                    break;
                }

                length += more;
            }
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException && !Cancellation.IsCancellationRequested)
        {
            // It has hung up on us, or waits for the rest.
        }

        return answer[..length];
    }

    private static byte[] Any(Random random) => Encoding.ASCII.GetBytes(s_valid[random.Next(s_valid.Length)]);

    private static IEnumerable<int> Statuses(byte[] answer)
    {
        const string Version = "HTTP/1.1 ";
        var text = Encoding.Latin1.GetString(answer);
        for (var at = text.IndexOf(Version, StringComparison.Ordinal); at >= 0; at = text.IndexOf(Version, at + 1, StringComparison.Ordinal))
        {
            yield return int.Parse(text.AsSpan(at + Version.Length, 3), null);
        }
    }
}
