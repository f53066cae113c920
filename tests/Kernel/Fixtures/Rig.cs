using Appliance.Bpf;
using Appliance.Bpf.Layout;
using Appliance.Tests.Support;

namespace Appliance.Tests.Kernel.Fixtures;

/// <summary>One role's object, loaded but attached to nothing, and what its tests ask of it. Each test class has its own.</summary>
internal abstract class Rig : IDisposable
{
    private readonly CounterMap _counters;
    private readonly List<FlowKey> _keys = [];

    protected Rig(string name, string role, Action<BpfObject> size)
    {
        Object = BpfObject.Open(name);
        size(Object);
        try
        {
            Object.Load();
        }
        catch (BpfException e) when (e.Errno is 1 or 13)
        {
            Assert.Inconclusive($"BPF programs cannot be loaded here: {e.Message}; run as root.");
        }
        _counters = new CounterMap(Object, $"{role}_counters", $"{role}_counter", $"{role.ToUpperInvariant()}_");
        Openings = Object.Map<FlowKey, Handshake>("openings");
        var vips = Object.Map<Address16, Vip>("vips");
        foreach (var ends in Ends.Both)
        {
            vips.Set(Address16.From(ends.Service.Address), Services.Table);
        }
    }

    public BpfObject Object { get; }

    public BpfMap<FlowKey, Handshake> Openings { get; }

    /// <summary>All counters since the object was loaded.</summary>
    public IReadOnlyDictionary<string, ulong> Counters => _counters.Snapshot();

    /// <summary>Runs a program on a frame.</summary>
    public Outcome Run(string program, byte[] frame, SkbContext? context = null)
    {
        var before = Counters;
        var skb = (context ?? SkbContext.None).ToBytes();
        var result = ProgramTest.Run(Object, program, frame, skb);
        return new Outcome((Verdict)result.Verdict, result.Frame, SkbContext.MarkOf(skb), CountedSince(before));
    }

    /// <summary>Which counters have gone up, and by how much.</summary>
    public IReadOnlyDictionary<string, int> CountedSince(IReadOnlyDictionary<string, ulong> before) => Counters
        .Where(c => c.Value != before[c.Key])
        .ToDictionary(c => c.Key, c => (int)(c.Value - before[c.Key]), StringComparer.Ordinal);

    /// <summary>Forgets every connection.</summary>
    public abstract void Reset();

    public virtual void Dispose() => Object.Dispose();

    protected void Clear<T>(BpfMap<FlowKey, T> map)
        where T : unmanaged
    {
        map.CopyTo(_keys, []);
        _keys.ForEach(k => map.Remove(k));
    }
}
