using Appliance.Bpf.Layout;

namespace Appliance.Tests.Kernel.Fixtures;

/// <summary>A record of the ring <c>reports</c>; the frame in hexadecimal.</summary>
internal sealed record HeldReport(ReportKind Kind, uint Release, int L4, FlowKey Key, string Frame)
{
    /// <summary>What the active node had said last, and the sequence number after it.</summary>
    public (string Text, uint End) Told { get; init; } = ("", 0);
}
