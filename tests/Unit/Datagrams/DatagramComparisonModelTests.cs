#pragma warning disable CA5394 // Fixed random orders, no secrets.

namespace Appliance.Tests.Unit.Datagrams;

/// <summary>Two servers that are alike, or not, behind a network that loses, delays and reorders: no false alarm, and every true one.</summary>
[TestClass]
public sealed class DatagramComparisonModelTests : DatagramComparisonTest
{
    private const int Flows = 40;
    private const int Rounds = 4000;

    private readonly PriorityQueue<Action, ulong> _later = new();

    public static IEnumerable<object[]> Seeds => Enumerable.Range(1, 3).SelectMany(seed => new[] { 1, 3 }.Select(answers => new object[] { seed, answers }));

    [TestMethod]
    [DynamicData(nameof(Seeds))]
    public void Servers_that_are_alike_are_never_called_otherwise(int seed, int answers)
    {
        Run(new Random(seed), answers, static (_, text) => text);
        Assert.IsEmpty(Standings.Where(s => s.EndsWith("differs", StringComparison.Ordinal)));
        Assert.HasCount(Flows, Standings);
    }

    [TestMethod]
    [DynamicData(nameof(Seeds))]
    public void Of_servers_that_are_not_every_flow_that_differs_is_found_and_no_other(int seed, int answers)
    {
        Run(new Random(seed), answers, static (flow, text) => flow % 4 == 0 ? text + "!" : text);
        CollectionAssert.AreEquivalent(
            Enumerable.Range(0, Flows).Where(f => f % 4 == 0).Select(f => $"{1000 + f}").ToList(),
            Standings.Where(s => s.EndsWith("differs", StringComparison.Ordinal)).Select(s => s.Split(' ')[0]).Distinct().ToList());
    }

    /// <summary>
    /// A twentieth of the copies is lost, and some answers of either node; the replica stands still for 8 seconds now and then, and
    /// answers come in the order of threads. Where each question has one answer, some questions are lost, too, and answers repeat themselves.
    /// </summary>
    private void Run(Random random, int answers, Func<int, string, string> replicaSays)
    {
        var asked = new int[Flows];
        var busyUntil = 0UL;
        for (var round = 0; round < Rounds; round++)
        {
            var flow = random.Next(Flows);
            var question = ++asked[flow];
            busyUntil = round % 1000 == 500 ? Now + (8000 * Ms) : busyUntil;
            var (activeAt, ownAt) = (Now + ((ulong)random.Next(1, 20) * Ms), Math.Max(Now, busyUntil) + ((ulong)random.Next(1, 20) * Ms));
            var (activeLost, ownLost) = (random.Next(100) < 2, random.Next(200) < 1 && answers == 1);
            for (var part = 0; part < answers; part++)
            {
                var text = $"{flow} {(answers == 1 ? question % 7 : question)} {part}";
                if (!activeLost && random.Next(20) != 0)
                {
                    _later.Enqueue(() => Active(text, asked[flow], 1000 + flow), activeAt + ((ulong)part * Ms));
                }
                if (!ownLost)
                {
                    _later.Enqueue(() => Own(question > 20 ? replicaSays(flow, text) : text, asked[flow], 1000 + flow), ownAt + ((ulong)part * Ms));
                }
            }
            Pass(10);
        }
        Pass(12_000);
    }

    private void Pass(int milliseconds)
    {
        for (var end = Now + ((ulong)milliseconds * Ms); Now < end;)
        {
            while (_later.TryPeek(out var say, out var at) && at <= Now)
            {
                _later.Dequeue();
                say();
            }
            Wait(10);
        }
    }
}
