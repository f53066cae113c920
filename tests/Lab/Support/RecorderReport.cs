namespace Appliance.Tests.Lab.Support;

/// <summary>What the gateway says of its recorder, in <see cref="GatewayReport"/>.</summary>
public sealed record RecorderReport(
    string Policy,
    ulong RingUsed,
    ulong RingBytes,
    long MemoryUsed,
    int HeldBack,
    int Hot,
    long Records,
    long Bytes,
    long Requests,
    long RepairedBytes,
    long Refused,
    long Offers,
    long Evictions,
    IReadOnlyDictionary<string, int> States,
    StoreReport Store,
    AgreementReport Agreement,
    DatagramReport Datagrams)
{
    /// <summary>Open flows in a state; the gateway counts them several times a second.</summary>
    public int In(string state) => States.GetValueOrDefault(state);
}
