namespace Appliance.Lab.Compare;

/// <summary>The first place where two instances said different things on one connection.</summary>
/// <param name="Offset">Of the first byte that differs, in what the server said.</param>
/// <param name="Kind">What it typically is.</param>
/// <param name="First">What the first instance said around there, for people.</param>
/// <param name="Second">What the second one said.</param>
public sealed record Difference(long Offset, DifferenceKind Kind, string First, string Second)
{
    /// <summary>What cures it.</summary>
    public string Remedy => Kind switch
    {
        DifferenceKind.Clock =>
            "Keep the nodes' clocks together (NTP). A difference is forgotten after 1,024 equal bytes, so a date in a header matters only to answers that are under way; 'divergence: carry' accepts it. Where the server can leave the time out, let it.",
        DifferenceKind.RandomIdentifier =>
            "Give both the same seed, or turn the identifier off. Where its client sends it back, the other server does not know it: connections that use it cannot survive.",
        DifferenceKind.Number =>
            "A counter or a number that depends on other connections: run one worker (one process, one thread), start both from the same state. A process identifier or an ephemeral port in an answer cannot be replicated.",
        DifferenceKind.Order =>
            "The order comes from a hash table or from threads: one worker, a fixed hash seed (PYTHONHASHSEED=0, PERL_HASH_SEED=0), or sorted answers.",
        DifferenceKind.KeyExchange =>
            "Each instance draws its own keys, and the client's fit one of them only. Terminate TLS before the gateway, or do without; SSH cannot be replicated.",
        DifferenceKind.Length =>
            "Compare versions, configuration and data of the two. If one was only slower, raise --wait.",
        DifferenceKind.Close =>
            "Compare timeouts and limits of the two: idle timeout, most requests of a connection, most connections.",
        _ => "Compare versions, configuration and data of the two, and what the answer depends on besides its request: time, chance, other connections.",
    };
}
