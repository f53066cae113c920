using System.Numerics;
using Appliance.Bpf.Layout;
using Appliance.Native;
using Appliance.Recording;

namespace Appliance.Gateway.Recording.Voting;

/// <summary>
/// Output policy <c>agree</c>, one connection: what each node has said that its client was not given yet, and how much of it all who are
/// asked have said alike. Reads no clock and does no I/O.
/// </summary>
/// <param name="pool">Where the memory comes from.</param>
/// <param name="next">Sequence number from which on the client has been given nothing; host byte order.</param>
/// <param name="nodes">Number of nodes.</param>
/// <param name="mostBytes">Bytes of one node that may wait: no sender has more under way than its client's window.</param>
public sealed class OutputVoter(ChunkPool pool, uint next, int nodes, long mostBytes) : IDisposable
{
    /// <summary>
    /// Sooner than any stack repeats something for want of an acknowledgement, and later than what was sent on is given to the client, also where
    /// the kernel's thread that does it has to wait for a processor. Too short, it takes what is under way for lost, and forgets what nodes have said since.
    /// </summary>
    private static readonly ulong UnderWayNs = MonotonicClock.Nanoseconds(TimeSpan.FromMilliseconds(50));

    private readonly FlowWindow?[] _said = new FlowWindow?[nodes];
    private long _given;
    private long? _fin;
    private ulong _passedNs;

    /// <summary>What passes; <see cref="VoiceMode.First"/> is as <see cref="VoiceMode.Active"/> here, where only what was held before comes to.</summary>
    public VoiceMode Mode { get; private set; } = VoiceMode.Agreed;

    /// <summary>Mask of the nodes that have to agree; 0 while that is not known: nothing passes.</summary>
    public uint Voters { get; private set; }

    /// <summary>Index of the active node, or -1.</summary>
    public int Active { get; private set; } = -1;

    /// <summary>CLOCK_MONOTONIC nanoseconds since when something waits, and nothing passes; 0 while nothing waits.</summary>
    public ulong WaitingSinceNs { get; private set; }

    /// <summary>Does something wait that the active node has said? If not, releasing it would help nobody: that node is the one that is missed.</summary>
    /// <remarks>Until it is known which node is active, nobody else's output is held.</remarks>
    public bool IsActiveHeld => Active < 0 ? WaitingSinceNs != 0 : SaidBy(Active) > _given || _fin == _given;

    /// <summary>Sequence number up to which the client has been given everything; host byte order.</summary>
    public uint Given => SequenceOf(_given);

    /// <summary>Where the nodes contradict one another, once they do.</summary>
    public OutputDifference? Difference { get; private set; }

    /// <summary>Decides what passes from now on.</summary>
    public void Ask(VoiceMode mode, uint voters, int active)
    {
        var left = Voters & ~voters; // what comes of them later comes of a successor
        (Mode, Voters, Active) = (mode, voters, active);
        for (var node = 0; node < nodes; node++)
        {
            if (mode == VoiceMode.Agreed ? (left & (1u << node)) != 0 : mode == VoiceMode.Nobody || node != active)
            {
                Drop(node);
            }
        }
    }

    /// <summary>Takes in what a node says. What is held of it already stays as it is.</summary>
    /// <param name="node">Index of the node.</param>
    /// <param name="sequence">Of the first byte, host byte order.</param>
    /// <param name="fin">
    /// The stream ends after these bytes. That counts for all: the gateway's programs let no close pass on which nodes have not agreed already.
    /// </param>
    /// <param name="payload">The bytes.</param>
    /// <param name="given">Up to where the gateway's programs had given the client everything.</param>
    /// <param name="saidNs">When that was, CLOCK_MONOTONIC.</param>
    /// <returns>False when there is no room: the node repeats it.</returns>
    public bool Take(int node, uint sequence, bool fin, ReadOnlySpan<byte> payload, uint given, ulong saidNs)
    {
        var at = _given + (int)(given - Given);
        if (at < _given && (int)(sequence - Given) < 0 && saidNs > _passedNs + UnderWayNs)
        {
            Rewind(at);
        }
        Advance(at);
        _fin = fin ? _given + (int)(sequence - Given) + payload.Length : _fin;
        if (payload.IsEmpty || (Mode != VoiceMode.Agreed && node != Active))
        {
            return true;
        }
        var window = _said[node] ??= Open();
        return window.Append(sequence, ack: 0, fin: false, payload, nowNs: 0).Refused == 0;
    }

    /// <summary>
    /// How much passes now: bytes from <see cref="Given"/> on, a FIN as one more. Call <see cref="Pass"/> when they have passed.
    /// </summary>
    /// <param name="fin">The last of them is the FIN.</param>
    public long Decide(ulong nowNs, out bool fin)
    {
        fin = false;
        var end = _given;
        if (Mode == VoiceMode.Agreed && Difference is null)
        {
            end = AgreedEnd();
        }
        else if (Mode is VoiceMode.Active or VoiceMode.First && Active >= 0)
        {
            end = SaidBy(Active);
        }
        fin = end == _fin && Difference is null && (Mode != VoiceMode.Agreed || Voters != 0);
        end += fin ? 1 : 0;
        if (end > _given)
        {
            WaitingSinceNs = 0;
            return end - _given;
        }
        var isWaiting = Mode == VoiceMode.Agreed && Difference is null && (_fin >= _given || Array.Exists(_said, w => w is not null && w.End > _given));
        WaitingSinceNs = !isWaiting ? 0 : WaitingSinceNs == 0 ? nowNs : WaitingSinceNs;
        return 0;
    }

    /// <summary>Reads bytes that pass.</summary>
    /// <param name="skip">Bytes after <see cref="Given"/>.</param>
    public void Read(long skip, Span<byte> destination)
    {
        var from = _given + skip;
        while (!destination.IsEmpty)
        {
            if (!_said[Source]!.TryRead(from, destination, out var piece) || piece.Length == 0)
            {
                throw new InvalidOperationException("not what was decided on");
            }
            destination = destination[piece.Length..];
            from += piece.Length;
        }
    }

    /// <summary>So much has passed.</summary>
    public void Pass(long length, ulong nowNs)
    {
        _passedNs = nowNs;
        Advance(_given + length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        for (var node = 0; node < nodes; node++)
        {
            Drop(node);
        }
    }

    /// <summary>Index of a node whose bytes are the ones that pass.</summary>
    private int Source => Mode == VoiceMode.Agreed ? BitOperations.TrailingZeroCount(Voters) : Active;

    private uint SequenceOf(long offset) => unchecked(next + (uint)offset);

    /// <summary>Offset up to which a node has said everything.</summary>
    private long SaidBy(int node) => _said[node]?.ContiguousEnd(_given) ?? _given;

    private FlowWindow Open()
    {
        var window = new FlowWindow(pool, unchecked(next - 1), mostBytes);
        window.Release(_given);
        return window;
    }

    private void Drop(int node)
    {
        _said[node]?.Dispose();
        _said[node] = null;
    }

    /// <summary>What was sent on has got lost before it came to the client's side. The nodes repeat it, and have to agree once more.</summary>
    private void Rewind(long to)
    {
        Dispose();
        (_given, _fin) = (to, null);
    }

    private void Advance(long to)
    {
        if (to <= _given)
        {
            return;
        }
        _given = to;
        foreach (var window in _said)
        {
            window?.Release(to);
        }
    }

    /// <summary>Up to where all voters have said the same.</summary>
    private long AgreedEnd()
    {
        var end = Voters == 0 ? _given : long.MaxValue;
        for (var voters = Voters; voters != 0; voters &= voters - 1)
        {
            end = Math.Min(end, SaidBy(BitOperations.TrailingZeroCount(voters)));
        }
        if (_fin is { } fin && fin >= _given && end >= fin)
        {
            end = fin;
            NoteGoingOn(fin);
        }
        for (var others = Voters & (Voters - 1); others != 0 && end > _given; others &= others - 1)
        {
            var other = BitOperations.TrailingZeroCount(others);
            if (Compare(_said[Source]!, _said[other]!, end) is { } at)
            {
                Difference = new OutputDifference(SequenceOf(at), at - _given, Source, BytesAt(Source, at), other, BytesAt(other, at));
                end = at;
            }
        }
        return end;
    }

    /// <summary>The offset below <paramref name="end"/> where two begin to differ, or null. Both have everything up to there.</summary>
    private long? Compare(FlowWindow one, FlowWindow other, long end)
    {
        const int Piece = 4096;
        Span<byte> left = stackalloc byte[Piece];
        Span<byte> right = stackalloc byte[Piece];
        for (var at = _given; at < end;)
        {
            var most = (int)Math.Min(Piece, end - at);
            one.TryRead(at, left[..most], out var a);
            other.TryRead(at, right[..most], out var b);
            var length = Math.Min(a.Length, b.Length);
            var same = left[..length].CommonPrefixLength(right[..length]);
            if (same < length)
            {
                return at + same;
            }
            at += length;
        }
        return null;
    }

    /// <summary>Who says more than the stream has contradicts those who end it.</summary>
    private void NoteGoingOn(long fin)
    {
        for (var voters = Voters; voters != 0 && Difference is null; voters &= voters - 1)
        {
            var node = BitOperations.TrailingZeroCount(voters);
            if (_said[node] is { } window && window.End > fin)
            {
                Difference = new OutputDifference(SequenceOf(fin), fin - _given, BitOperations.TrailingZeroCount(Voters & ~(1u << node)), [], node, BytesAt(node, fin));
            }
        }
    }

    /// <summary>What a node has said from an offset on, for people.</summary>
    private byte[] BytesAt(int node, long at)
    {
        Span<byte> bytes = stackalloc byte[OutputDifference.MostBytes];
        return _said[node]!.TryRead(at, bytes, out var piece) ? bytes[..piece.Length].ToArray() : [];
    }
}
