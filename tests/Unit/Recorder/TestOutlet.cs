using Appliance.Gateway.Recording;
using Appliance.RepairChannel;

namespace Appliance.Tests.Unit.Recorder;

/// <summary>A way to the nodes that keeps what is sent, and says of each node what the test wants it to say.</summary>
internal sealed class TestOutlet(int nodes) : IRepairOutlet
{
    /// <summary>Nodes that have connected and reported.</summary>
    public bool[] Settled { get; } = new bool[nodes];

    /// <summary>When each node's last look began.</summary>
    public ulong[] Scanned { get; } = new ulong[nodes];

    /// <summary>Nothing more fits for now.</summary>
    public bool IsFull { get; set; }

    public List<(int Node, FlowEntry Entry)> Offers { get; } = [];

    public List<(int Node, PositionEntry Entry)> Positions { get; } = [];

    public List<(int Node, EndEntry Entry)> Ends { get; } = [];

    public List<(int Node, GoneEntry Entry)> Refusals { get; } = [];

    public List<Supplied> Supplies { get; } = [];

    /// <summary>The epoch that each node obeys.</summary>
    public ulong[] Epochs { get; } = new ulong[nodes];

    /// <summary>How many pieces are taken before so much waits that answers are to end.</summary>
    public int Room { get; set; } = int.MaxValue;

    public bool IsBusy(int node) => Supplies.Count >= Room;

    public bool IsSettled(int node) => Settled[node];

    public ulong EpochOf(int node) => Epochs[node];

    public ulong ScannedNs(int node) => Scanned[node];

    public bool Offer(int node, in FlowEntry offer) => Note(Offers, (node, offer));

    public bool Tell(int node, in PositionEntry position) => Note(Positions, (node, position));

    public bool End(int node, in EndEntry end) => Note(Ends, (node, end));

    public List<(int Node, VoiceEntry Entry)> Voices { get; } = [];

    public bool Speak(int node, in VoiceEntry voice) => Note(Voices, (node, voice));

    public bool Refuse(int node, in GoneEntry gone) => Note(Refusals, (node, gone));

    public bool Supply(int node, in BytesHeader header, ReadOnlySpan<byte> payload) => Note(Supplies, new Supplied(node, header, payload.ToArray()));

    public bool Supply(int node, in DatagramHeader header, ReadOnlySpan<byte> payload) => throw new NotSupportedException();

    private bool Note<T>(List<T> list, T item)
    {
        if (!IsFull)
        {
            list.Add(item);
        }
        return !IsFull;
    }

    public sealed record Supplied(int Node, BytesHeader Header, byte[] Payload)
    {
        public bool IsLast => Header.Flags.HasFlag(BytesFlags.Last);

        public bool HasFin => Header.Flags.HasFlag(BytesFlags.Fin);
    }
}
