using System.Net;
using System.Net.Sockets;
using System.Text;
using Appliance.Bpf.Layout;
using Appliance.Lab.Compare;
using Appliance.Lab.Savefiles;

namespace Appliance.Tests.Unit.Compare;

/// <summary>Two real servers on loopback are told the same; one of them counts.</summary>
[TestClass]
public sealed class SavefileComparisonTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task Servers_that_echo_are_alike()
    {
        using var one = new LineServer(line => line);
        using var other = new LineServer(line => line);
        var report = await SavefileComparison.RunAsync(Streams("hello\n", "again\n"), one.Options, other.Options, TestContext.CancellationToken);
        Assert.IsTrue(report.IsAlike, string.Join('\n', report.ToLines()));
        Assert.AreEqual((2, 12L), (report.Connections, report.BytesCompared));
    }

    [TestMethod]
    public async Task A_counter_that_differs_is_found_and_named()
    {
        var (a, b) = (0, 100);
        using var one = new LineServer(_ => $":{Interlocked.Increment(ref a)}");
        using var other = new LineServer(_ => $":{Interlocked.Increment(ref b)}");
        var report = await SavefileComparison.RunAsync(Streams("INCR x\n"), one.Options, other.Options, TestContext.CancellationToken);
        Assert.AreEqual(DifferenceKind.Number, report.Differences.Single().Value.Kind);
        StringAssert.Contains(report.ToJson(), "\"kind\":\"number\"", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task A_server_that_is_not_there_is_a_problem_and_no_difference()
    {
        using var one = new LineServer(line => line);
        var nobody = one.Options with { Target = new ReplayTarget("127.0.0.1", 1) };
        var report = await SavefileComparison.RunAsync(Streams("hello\n"), one.Options, nobody, TestContext.CancellationToken);
        Assert.IsFalse(report.IsAlike);
        Assert.IsEmpty(report.Differences);
        StringAssert.Contains(report.Problems.Single(), "127.0.0.1:1", StringComparison.Ordinal);
    }

    private static List<RecordedStream> Streams(params string[] texts) =>
    [
        .. texts.Select((text, i) => new RecordedStream
        {
            Flow = new FlowKey(new IPEndPoint(IPAddress.Parse("10.0.1.2"), 40000 + i), new IPEndPoint(IPAddress.Parse("10.0.2.100"), 7)),
            StartNs = i,
            HasBeginning = true,
            Pieces = [new StreamPiece(0, Encoding.ASCII.GetBytes(text), After: 0, TimeNs: 10 + i)],
            End = null,
            Acknowledged = 1,
            ConflictingBytes = 0,
        }),
    ];

    /// <summary>Answers each line with another.</summary>
    private sealed class LineServer : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public LineServer(Func<string, string> answer)
        {
            _listener.Start();
            _ = ServeAsync(answer);
        }

        public ReplayOptions Options => new()
        {
            Target = new ReplayTarget("127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port), Wait = TimeSpan.FromSeconds(2), Quiet = TimeSpan.FromMilliseconds(20),
        };

        public void Dispose() => _listener.Dispose();

        private async Task ServeAsync(Func<string, string> answer)
        {
            try
            {
                while (true)
                {
                    _ = TalkAsync(await _listener.AcceptTcpClientAsync(), answer);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
            }
        }

        private static async Task TalkAsync(TcpClient client, Func<string, string> answer)
        {
            using (client)
            using (var reader = new StreamReader(client.GetStream()))
            await using (var writer = new StreamWriter(client.GetStream()) { AutoFlush = true, NewLine = "\n" })
            {
                while (await reader.ReadLineAsync() is { } line)
                {
                    await writer.WriteLineAsync(answer(line));
                }
            }
        }
    }
}
