using System.Net;
using System.Text;
using Appliance.Bpf.Layout;
using Appliance.Datagrams;

namespace Appliance.Tests.Unit.Datagrams;

/// <summary>A comparison with a clock of its own; the node has been a replica for long. Every flow begins with number 100.</summary>
public abstract class DatagramComparisonTest
{
    protected const ulong Ms = 1_000_000;
    protected const uint First = 100;

    protected DatagramComparisonTest() => Comparison = new DatagramComparison(
        (in FlowKey key, bool differs) => Standings.Add($"{key.ClientPort} {(differs ? "differs" : "agrees")}"),
        (in FlowKey _, DatagramDifference difference) => Differences.Add(difference),
        key => !Lacking.Contains(key));

    private protected DatagramComparison Comparison { get; }

    /// <summary>What was told, in its order.</summary>
    protected List<string> Standings { get; } = [];

    private protected List<DatagramDifference> Differences { get; } = [];

    /// <summary>Flows of which this node lacks datagrams of the client.</summary>
    protected HashSet<FlowKey> Lacking { get; } = [];

    protected ulong Now { get; set; } = 1_000_000 * Ms;

    protected static FlowKey KeyOf(int port) => new(new IPEndPoint(IPAddress.Parse("10.0.1.2"), port), new IPEndPoint(IPAddress.Parse("10.0.2.100"), 53));

    /// <summary>The active node says something when its client has sent so many datagrams.</summary>
    protected void Active(string text, int asked = 1, int port = 1000) => Say(isOwn: false, text, asked, port);

    /// <summary>The replica does.</summary>
    protected void Own(string text, int asked = 1, int port = 1000) => Say(isOwn: true, text, asked, port);

    protected void Both(string text, int asked = 1, int port = 1000)
    {
        Active(text, asked, port);
        Own(text, asked, port);
    }

    protected void Wait(int milliseconds)
    {
        const ulong Step = 10 * Ms;
        for (var end = Now + ((ulong)milliseconds * Ms); Now < end; Now += Step)
        {
            Comparison.Look(Now);
        }
    }

    private void Say(bool isOwn, string text, int asked, int port)
    {
        var payload = Encoding.Latin1.GetBytes(text);
        var sum = payload.Aggregate(14_695_981_039_346_656_037UL, (hash, value) => unchecked((hash ^ value) * 1_099_511_628_211));
        var said = new DatagramSaid { Sum = sum, Key = KeyOf(port), Number = First + (uint)asked - 1, First = First, Length = (uint)payload.Length, IsOwn = isOwn ? 1u : 0 };
        Comparison.Say(said, payload.AsSpan(0, Math.Min(payload.Length, DatagramSaid.KeptBytes)), Now);
    }
}
