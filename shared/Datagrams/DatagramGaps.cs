namespace Appliance.Datagrams;

/// <summary>
/// What a node lacks of a flow. A node tells the highest number that has arrived, of which only 16 bits are the gateway's, and for the
/// last 1024 numbers whether they have: bit i mod 64 of word i / 64 stands for the number i below the highest.
/// </summary>
public static class DatagramGaps
{
    /// <summary>Numbers that a node tells of.</summary>
    public const int Reach = DatagramWindow.DefaultCapacity;

    /// <summary>
    /// The gateway's number of the datagram that a node calls <paramref name="told"/>: the one with the same low 16 bits that is nearest to
    /// <paramref name="next"/>. A node can be ahead of what the gateway has read of its own record.
    /// </summary>
    /// <param name="told">The node's number.</param>
    /// <param name="next">The number after the highest that the gateway knows of.</param>
    public static uint Extend(uint told, uint next) => unchecked(next - 1 + (uint)(short)(told - (next - 1)));

    /// <summary>Has the datagram arrived? One further back than the node tells of counts as arrived: the node would take it for late.</summary>
    /// <param name="number">The gateway's number.</param>
    /// <param name="highest">The gateway's number of the highest that has arrived; see <see cref="Extend"/>.</param>
    /// <param name="arrived">Sixteen words.</param>
    public static bool HasArrived(uint number, uint highest, ReadOnlySpan<ulong> arrived)
    {
        var age = unchecked((int)(highest - number));
        return age >= 0 && (age >= Reach || (arrived[age / 64] & (1UL << (age % 64))) != 0);
    }

    /// <summary>The numbers that the window holds and the node lacks, in order. Returns how many.</summary>
    /// <param name="window">What the gateway has.</param>
    /// <param name="told">The node's highest number, as it tells it.</param>
    /// <param name="arrived">Sixteen words.</param>
    /// <param name="recordedBefore">
    /// CLOCK_MONOTONIC nanoseconds: younger ones may still be under way as copies, or the node's word on them.
    /// </param>
    /// <param name="numbers">Room for the numbers; when it is full, the rest is for the next time.</param>
    public static int Find(DatagramWindow window, uint told, ReadOnlySpan<ulong> arrived, ulong recordedBefore, Span<uint> numbers)
    {
        var highest = Extend(told, window.Next);
        var count = 0;
        for (var number = window.Start; number != window.Next && count < numbers.Length; number++)
        {
            if (!HasArrived(number, highest, arrived) && window.TryGet(number, out var datagram) && datagram.RecordedNs < recordedBefore)
            {
                numbers[count++] = number;
            }
        }
        return count;
    }

    /// <summary>The same for a flow of which the node has told nothing: it lacks all.</summary>
    public static int FindAll(DatagramWindow window, ulong recordedBefore, Span<uint> numbers)
    {
        Span<ulong> none = stackalloc ulong[Reach / 64];
        none.Clear();
        return Find(window, window.Start - 1, none, recordedBefore, numbers);
    }

    /// <summary>Forgets the datagrams that have arrived, in a window that serves one replica.</summary>
    public static void RemoveArrived(DatagramWindow window, uint told, ReadOnlySpan<ulong> arrived)
    {
        var highest = Extend(told, window.Next);
        var end = window.Next;
        for (var number = window.Start; number != end; number++)
        {
            if (HasArrived(number, highest, arrived))
            {
                window.Remove(number);
            }
        }
    }
}
