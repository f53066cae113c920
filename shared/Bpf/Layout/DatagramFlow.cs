using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Appliance.Bpf.Layout;

/// <summary>struct datagram_flow: at a node, which numbered datagrams of a UDP flow have arrived.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct DatagramFlow
{
    /// <summary>CLOCK_MONOTONIC nanoseconds of the last datagram.</summary>
    public ulong LastNs;

    /// <summary>CLOCK_MONOTONIC nanoseconds when the ring <c>datagram_changes</c> last named the flow.</summary>
    public ulong ToldNs;

    /// <summary>
    /// The highest number. Only its low 16 bits are the gateway's: the node counts the wraps that it sees, from whatever
    /// number came first.
    /// </summary>
    public uint Highest;

    /// <summary>The lowest number since the flow is known, and since the gateway has counted anew. Counted as <see cref="Highest"/>.</summary>
    public uint First;

    /// <summary>Number n has bit n mod 64 of word n / 64 mod 16; the words are those of the highest number and of the 15 before it.</summary>
    public Words Received;

    /// <summary>Words of the bitmap: WINDOW_WORDS.</summary>
    public const int WordCount = 16;

    /// <summary>
    /// The last 1024 numbers counted from the highest: bit i mod 64 of word i / 64 stands for <see cref="Highest"/> − i. Numbers that
    /// this node cannot tell any more are told as arrived: it would take them for late ones.
    /// </summary>
    /// <param name="arrived">Sixteen words.</param>
    public readonly void CopyArrived(Span<ulong> arrived)
    {
        const int Bits = 64;
        for (var word = 0; word < WordCount; word++)
        {
            var bits = 0UL;
            for (var bit = 0; bit < Bits; bit++)
            {
                var age = (uint)((word * Bits) + bit);
                var isForgotten = (Bits - 1 - (Highest % Bits) + age) / Bits >= WordCount;
                bits |= isForgotten || Holds(Highest - age) ? 1UL << bit : 0;
            }
            arrived[word] = bits;
        }
    }

    /// <summary>Have all numbers from <see cref="First"/> on arrived, as far back as this node can tell?</summary>
    public readonly bool IsWhole
    {
        get
        {
            var told = (Highest % 64) + ((WordCount - 1) * 64);
            var count = Math.Min(Highest - First, told);
            for (uint age = 0; age <= count; age++)
            {
                if (!Holds(Highest - age))
                {
                    return false;
                }
            }
            return true;
        }
    }

    private readonly bool Holds(uint number) => (Received[(int)(number / 64 % WordCount)] & (1UL << (int)(number % 64))) != 0;

    /// <summary>The bitmap itself.</summary>
    [InlineArray(WordCount)]
    public struct Words
    {
        private ulong _first;
    }
}
