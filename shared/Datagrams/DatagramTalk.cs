using Appliance.Bpf.Layout;
using Appliance.Native;

namespace Appliance.Datagrams;

/// <summary>What a client's end and the two servers have to do with one another: how much the servers may have been asked, and how they fare.</summary>
internal sealed class DatagramTalk(FlowKey key, long id, uint number, uint first, ulong nowNs)
{
    /// <summary>Bytes after which a difference is forgotten: DIGEST_HEALED, as for connections.</summary>
    public const int HealedBytes = 1024;

    /// <summary>What has not been answered after one to two of these is not answered any more.</summary>
    private static readonly ulong TurnNs = MonotonicClock.Nanoseconds(TimeSpan.FromSeconds(30));

    private uint _number = number;
    private long _asked = (long)(number - first) + 1;
    private long _askedBefore;
    private long _askedInAll = (long)(number - first) + 1;
    private long _saidByActive;
    private long _saidByOwn;
    private ulong _turnedNs = nowNs;
    private long _agreedBytes;
    private ulong _agreedNs = nowNs;
    private ulong _ownNs;
    private ulong _latestNs;
    private (ulong SaidNs, ulong SinceNs) _passing = (0, nowNs);
    private ulong _passedNs;

    /// <summary>Both ends.</summary>
    public FlowKey Key => key;

    /// <summary>Tells it from an earlier talk of the same ends.</summary>
    public long Id => id;

    /// <summary>When anything was said last, CLOCK_MONOTONIC nanoseconds.</summary>
    public ulong LastNs { get; private set; } = nowNs;

    /// <summary>Where its last statement stands; −1: it has none.</summary>
    public long Last { get; set; } = -1;

    /// <summary>Datagrams that only the active node has said, so far.</summary>
    public int OnlyActive { get; set; }

    /// <summary>Datagrams that only the replica has said, so far.</summary>
    public int OnlyOwn { get; set; }

    /// <summary>It is about to be judged.</summary>
    public bool IsSuspect { get; set; }

    /// <summary>Not judged before.</summary>
    public ulong UnsureUntilNs { get; set; }

    /// <summary>Its servers say more than they are asked, so the count of questions proves nothing.</summary>
    public bool IsChatty { get; private set; }

    /// <summary>
    /// When the active node said the latest datagram that the replica has said, too, <paramref name="settleNs"/> ago or earlier: it had come so
    /// far then, and threads that were a little slower have come as far since.
    /// </summary>
    public ulong PassedNs(ulong settleNs, ulong nowNs)
    {
        if (nowNs >= _passing.SinceNs + settleNs)
        {
            _passedNs = _passing.SaidNs;
            _passing = (_latestNs, nowNs);
        }
        return _passedNs;
    }

    /// <summary>The replica goes on speaking, long after anything that both have said.</summary>
    public bool IsEstranged(ulong longNs) => _ownNs >= _agreedNs + longNs;

    /// <summary>They have said the same thing, or different ones.</summary>
    public bool IsKnown { get; private set; }

    /// <summary>They have said different things, and have not agreed for long since.</summary>
    public bool Differs { get; private set; }

    /// <summary>Datagrams of the client of the last minute that may still be answered, as far as is known.</summary>
    public long Open(ulong nowNs)
    {
        Turn(nowNs);
        return _asked + _askedBefore;
    }

    /// <summary>The client is so far; false when the gateway counts anew, so that this talk is over.</summary>
    public bool Ask(uint number, ulong nowNs)
    {
        const int Far = 1 << 15;
        var ahead = unchecked((int)(number - _number));
        if (ahead is < -DatagramFlow.WordCount * 64 or > Far)
        {
            return false;
        }
        Turn(nowNs);
        if (ahead > 0)
        {
            _asked += ahead;
            _askedInAll += ahead;
            _number = number;
        }
        return true;
    }

    /// <summary>One of the two says something.</summary>
    public void Say(bool isOwn, ulong nowNs)
    {
        LastNs = nowNs;
        if (isOwn)
        {
            _ownNs = nowNs;
        }
        IsChatty |= (isOwn ? ++_saidByOwn : ++_saidByActive) > _askedInAll;
    }

    /// <summary>Both have said the same thing, the active node when <paramref name="saidNs"/>.</summary>
    /// <returns>True when what is known of the talk has changed.</returns>
    public bool Agree(long bytes, ulong saidNs, ulong nowNs)
    {
        Turn(nowNs);
        if (_askedBefore > 0)
        {
            _askedBefore--;
        }
        else
        {
            _asked = Math.Max(_asked - 1, 0);
        }
        _latestNs = Math.Max(_latestNs, saidNs);
        _agreedNs = nowNs;
        _agreedBytes += bytes;
        var isNews = !IsKnown || (Differs && _agreedBytes >= HealedBytes);
        IsKnown = true;
        Differs &= _agreedBytes < HealedBytes;
        return isNews;
    }

    /// <summary>They have said different things, so many each.</summary>
    /// <returns>True when what is known of the talk has changed.</returns>
    public bool Disagree(int times, ulong nowNs)
    {
        var isNews = !Differs;
        Turn(nowNs);
        (_asked, _askedBefore) = (Math.Max(_asked - times, 0), 0);
        (IsKnown, Differs, _agreedBytes) = (true, true, 0);
        return isNews;
    }

    private void Turn(ulong nowNs)
    {
        if (nowNs >= _turnedNs + TurnNs)
        {
            _askedBefore = nowNs >= _turnedNs + (2 * TurnNs) ? 0 : _asked;
            (_asked, _turnedNs) = (0, nowNs);
        }
    }
}
