using Appliance.Bpf.Layout;

namespace Appliance.Tests.Unit.Datagrams;

/// <summary>What a node's ingress hook keeps of a flow (bpf/replica_datagram.h), with unlimited numbers behind the 16 bits that it sees.</summary>
internal sealed class NodeModel
{
    private DatagramFlow _flow;
    private bool _knows;

    /// <summary>The highest number as the node tells it.</summary>
    public uint Highest => _flow.Highest;

    /// <summary>Has any datagram arrived?</summary>
    public bool Knows => _knows;

    /// <summary>A copy, or a datagram from the repair engine; false when it is consumed.</summary>
    public bool Receive(uint number, bool isRepair)
    {
        const int Bits = 64;
        if (!_knows)
        {
            _knows = true;
            _flow = new DatagramFlow { Highest = (ushort)number };
        }
        var ahead = (short)(number - _flow.Highest);
        if (ahead < 0 && (Bits - 1 - (_flow.Highest % Bits) + (uint)-ahead) / Bits >= DatagramFlow.WordCount)
        {
            if (isRepair)
            {
                return false;
            }
            _flow = new DatagramFlow { Highest = (ushort)number };
            ahead = 0;
        }
        var n = unchecked(_flow.Highest + (uint)ahead);
        ref var word = ref _flow.Received[(int)(n / Bits % DatagramFlow.WordCount)];
        var bit = 1UL << (int)(n % Bits);
        if (ahead <= 0 && (word & bit) != 0)
        {
            return false;
        }
        if (ahead > 0)
        {
            var words = ((_flow.Highest % Bits) + (uint)ahead) / Bits;
            for (var i = 1u; i <= Math.Min(words, DatagramFlow.WordCount); i++)
            {
                _flow.Received[(int)(((_flow.Highest / Bits) + i) % DatagramFlow.WordCount)] = 0;
            }
            _flow.Highest = n;
        }
        word |= bit;
        return true;
    }

    /// <summary>Sixteen words, as the node tells them.</summary>
    public ulong[] Arrived()
    {
        var words = new ulong[DatagramFlow.WordCount];
        _flow.CopyArrived(words);
        return words;
    }
}
