using Appliance.Packets;

namespace Appliance.Datagrams;

/// <summary>Two datagrams of which each node has said one and not the other.</summary>
/// <param name="Active">The first bytes of the active node's.</param>
/// <param name="ActiveLength">Its length.</param>
/// <param name="Own">The first bytes of the replica's.</param>
/// <param name="OwnLength">Its length.</param>
public sealed record DatagramDifference(byte[] Active, int ActiveLength, byte[] Own, int OwnLength)
{
    private const int ShownBefore = 8;
    private const int Shown = 40;

    /// <summary>Where they begin to differ; at the end of the shorter one, or of what was kept, at the latest.</summary>
    public int At => Active.AsSpan().CommonPrefixLength(Own);

    /// <summary>Around that place, for people.</summary>
    public string ActiveText => Text(Active, ActiveLength);

    /// <summary>As <see cref="ActiveText"/>.</summary>
    public string OwnText => Text(Own, OwnLength);

    private string Text(byte[] kept, int length)
    {
        var from = Math.Min(Math.Max(At - ShownBefore, 0), kept.Length);
        var end = Math.Min(from + Shown, kept.Length);
        return $"\"{(from > 0 ? "…" : "")}{ByteText.Of(kept.AsSpan(from..end))}{(end < length ? "…" : "")}\" of {length} bytes";
    }
}
