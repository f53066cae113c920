using Appliance.Bpf.Layout;

namespace Appliance.Gateway.Recording.Store;

/// <summary>A connection that an earlier run left: where everything of it is, without its bytes.</summary>
public sealed class FoundFlow
{
    internal FoundFlow(FlowHeader header, StoredFlow stored, IReadOnlyList<(long Origin, byte[] Marks)> segments) =>
        (Header, Stored, Segments) = (header, stored, segments);

    /// <summary>Its ends.</summary>
    public FlowKey Key => Header.Flow.Key;

    /// <summary>Tells incarnations of the same ends apart.</summary>
    public uint ClientIsn => Header.Flow.ClientIsn;

    /// <summary>As it was found.</summary>
    internal FlowHeader Header { get; }

    /// <summary>How the writer is to know it.</summary>
    internal StoredFlow Stored { get; }

    /// <summary>Where its segments begin, and the marks that they had.</summary>
    internal IReadOnlyList<(long Origin, byte[] Marks)> Segments { get; }
}
