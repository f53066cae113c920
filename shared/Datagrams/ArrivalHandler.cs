using Appliance.Bpf.Layout;

namespace Appliance.Datagrams;

/// <summary>Is told which datagrams of a flow have arrived; the span is valid only during the call.</summary>
/// <param name="key">The two ends.</param>
/// <param name="highest">The highest number, of which 16 bits are the gateway's.</param>
/// <param name="arrived">Sixteen words: bit i mod 64 of word i / 64 stands for the number i below the highest.</param>
public delegate void ArrivalHandler(in FlowKey key, uint highest, ReadOnlySpan<ulong> arrived);
