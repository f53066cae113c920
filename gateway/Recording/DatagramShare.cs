using Appliance.Datagrams;
using Appliance.RepairChannel;

namespace Appliance.Gateway.Recording;

/// <summary>What one node has of one client's datagrams, from its own reports, and what was sent to it.</summary>
public struct DatagramShare
{
    /// <summary>Numbers further ahead of the highest that a node has told than this: its 16 bits may not mean them any more.</summary>
    private const int Far = 1 << 14;

    private DatagramBitmap _arrived;
    private uint _highest;
    private bool _isKnown;
    private uint _oldest;
    private uint _sentEnd;
    private ulong _sentNs;
    private int _repeats;
    private bool _isAwaited;
    private uint _givenUpEnd;
    private bool _hasGivenUp;

    /// <summary>The node reports.</summary>
    public void Tell(DatagramWindow window, in DatagramProgressEntry entry)
    {
        _isKnown = true;
        _hasGivenUp &= IsBefore(window.Start, _givenUpEnd);
        _highest = DatagramGaps.Extend(entry.Highest, window.Next);
        _arrived = entry.Bitmap;
    }

    /// <summary>Has the node received the datagram, or was it given up?</summary>
    public readonly bool IsSettled(DatagramWindow window, uint number) =>
        (_hasGivenUp && IsBefore(number, _givenUpEnd)) || (Knows(window) && DatagramGaps.HasArrived(number, _highest, _arrived));

    /// <summary>What the window holds and the node lacks, in order; see <see cref="DatagramGaps.Find"/>.</summary>
    public readonly int Find(DatagramWindow window, ulong recordedBefore, Span<uint> numbers) => Knows(window)
        ? DatagramGaps.Find(window, _highest, _arrived, recordedBefore, numbers)
        : DatagramGaps.FindAll(window, recordedBefore, numbers);

    /// <summary>
    /// Notes what the node lacks now, and whether the oldest of it has been waited for in vain for so long that all is to be sent again.
    /// After <paramref name="mostRepeats"/> of them what was sent counts as given up.
    /// </summary>
    public bool MustRepeat(uint oldest, ulong nowNs, ulong pauseNs, int mostRepeats)
    {
        if (!_isAwaited || _oldest != oldest)
        {
            (_oldest, _sentNs, _repeats) = (oldest, nowNs, 0);
            return false;
        }
        if (!WasSent(oldest) || nowNs < _sentNs + (pauseNs << _repeats))
        {
            return false;
        }
        if (_repeats == mostRepeats)
        {
            (_givenUpEnd, _hasGivenUp, _isAwaited) = (_sentEnd, true, false);
            return false;
        }
        _repeats++;
        _sentNs = nowNs;
        return true;
    }

    /// <summary>Was the datagram sent to the node, without an answer since?</summary>
    public readonly bool WasSent(uint number) => _isAwaited && IsBefore(number, _sentEnd);

    /// <summary>The datagram was sent.</summary>
    public void Sent(uint number)
    {
        _sentEnd = WasSent(number) ? _sentEnd : number + 1;
        _isAwaited = true;
    }

    /// <summary>The node lacks nothing that is held.</summary>
    public void Complete() => _isAwaited = _hasGivenUp = false;

    private readonly bool Knows(DatagramWindow window) => _isKnown && unchecked((int)(window.Next - _highest)) <= Far;

    private static bool IsBefore(uint number, uint end) => unchecked((int)(number - end)) < 0;
}
