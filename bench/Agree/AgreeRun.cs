namespace Appliance.Bench.Agree;

/// <summary>Downloads from two servers one of which is faulty, where both have to agree.</summary>
/// <param name="Round">Counts the rounds from 1.</param>
/// <param name="Faulty">Which node's server makes bytes wrong.</param>
/// <param name="Downloads">Downloads that were begun.</param>
/// <param name="Flipped">Of these, the ones in which that server has made a byte wrong.</param>
/// <param name="Ended">The ones that were ended before they were complete.</param>
/// <param name="Differences">Connections that the gateway says its nodes contradicted one another on.</param>
/// <param name="BytesVerified">Bytes that clients were given.</param>
/// <param name="BytesCorrupted">Of these, the ones that were wrong.</param>
/// <param name="GbitPerSecond">Of all downloads together.</param>
public sealed record AgreeRun(int Round, string Faulty, int Downloads, int Flipped, int Ended, long Differences, long BytesVerified, long BytesCorrupted, double GbitPerSecond);
