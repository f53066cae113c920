using Appliance.Bpf.Layout;
using Appliance.Gateway.Recording;
using Appliance.RepairChannel;

namespace Appliance.Tests.Unit.Recording;

/// <summary>Takes down which datagrams go to which node.</summary>
internal sealed class FakeRepairOutlet : IRepairOutlet
{
    /// <summary>Nodes that are connected and have reported.</summary>
    public HashSet<int> Settled { get; } = [0, 1, 2];

    /// <summary>How many more datagrams the connections take.</summary>
    public int Room { get; set; } = int.MaxValue;

    /// <summary>What was sent.</summary>
    public List<(int Node, FlowKey Flow, uint Number, byte[] Payload)> Datagrams { get; } = [];

    public ulong EpochOf(int node) => ulong.MaxValue;

    public bool IsBusy(int node) => false;

    public bool IsSettled(int node) => Settled.Contains(node);

    public ulong ScannedNs(int node) => 0;

    public bool Offer(int node, in FlowEntry offer) => false;

    public bool Tell(int node, in PositionEntry position) => false;

    public bool End(int node, in EndEntry end) => false;

    public bool Speak(int node, in VoiceEntry voice) => false;

    public bool Refuse(int node, in GoneEntry gone) => false;

    public bool Supply(int node, in BytesHeader header, ReadOnlySpan<byte> payload) => false;

    public bool Supply(int node, in DatagramHeader header, ReadOnlySpan<byte> payload)
    {
        if (!Settled.Contains(node) || Room == 0)
        {
            return false;
        }
        Room--;
        Datagrams.Add((node, header.Flow, header.Number, payload.ToArray()));
        return true;
    }

    /// <summary>The numbers that were sent to a node since the last call.</summary>
    public string Take(int node = 1)
    {
        var numbers = string.Join(' ', Datagrams.Where(d => d.Node == node).Select(d => d.Number));
        Datagrams.RemoveAll(d => d.Node == node);
        return numbers;
    }
}
