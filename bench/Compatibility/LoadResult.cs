namespace Appliance.Bench.Compatibility;

/// <summary>What clients saw of a crash.</summary>
/// <param name="Connections">Conversations that went on when it came.</param>
/// <param name="Lost">Those that ended before their time.</param>
/// <param name="Wrong">Those in which an answer was not the right one.</param>
public sealed record LoadResult(int Connections, int Lost, int Wrong);
