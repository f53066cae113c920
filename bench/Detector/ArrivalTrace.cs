using System.IO.Compression;
using System.Reflection;

namespace Appliance.Bench.Detector;

/// <summary>When a living node's heartbeats came, in milliseconds since the first.</summary>
/// <param name="Name">What it is of.</param>
/// <param name="ArrivalsMs">In order.</param>
public sealed record ArrivalTrace(string Name, IReadOnlyList<double> ArrivalsMs)
{
    /// <summary>Interval of the heartbeats in all traces.</summary>
    public const double IntervalMs = 10;

    private const string Resource = "busy.trace.gz";

    /// <summary>Hours that it covers.</summary>
    public double Hours => (ArrivalsMs[^1] - ArrivalsMs[0]) / 3_600_000;

    /// <summary>
    /// Recorded at a gateway, with tcpdump, while two cores carried another lab's gateway, servers, failures and traffic. One
    /// variable-length integer (LEB128) per gap, microseconds.
    /// </summary>
    public static ArrivalTrace Recorded()
    {
        using var file = Assembly.GetExecutingAssembly().GetManifestResourceStream(Resource) ?? throw new InvalidOperationException($"{Resource} is missing");
        using var reader = new BinaryReader(new BufferedStream(new GZipStream(file, CompressionMode.Decompress)));
        var arrivals = new List<double> { 0 };
        try
        {
            while (true)
            {
                arrivals.Add(arrivals[^1] + (reader.Read7BitEncodedInt() / 1000.0));
            }
        }
        catch (EndOfStreamException)
        {
            return new ArrivalTrace("recorded on two busy cores", arrivals);
        }
    }

    /// <summary>A host of its own: a tenth of a millisecond of jitter.</summary>
    public static ArrivalTrace Quiet(double hours, Random random) => Generate("quiet host", hours, random, _ => Math.Abs(Normal(random)) * 0.1, loss: 0);

    /// <summary>A host that is held up now and then: every few seconds, for a Pareto-distributed time of 5 ms and more (shape 2).</summary>
    public static ArrivalTrace Stalls(double hours, Random random) =>
        Generate("stalls of 5 ms and more", hours, random, _ => (Math.Abs(Normal(random)) * 0.3) + (random.NextDouble() < 0.003 ? 5 / Math.Sqrt(1 - random.NextDouble()) : 0), loss: 0);

    /// <summary>One link that loses a tenth of the heartbeats.</summary>
    public static ArrivalTrace Lossy(double hours, Random random) => Generate("10 % loss", hours, random, _ => Math.Abs(Normal(random)) * 0.3, loss: 0.1);

    /// <summary>A host that is quiet for half an hour and busy for half an hour.</summary>
    public static ArrivalTrace Changing(double hours, Random random) => Generate(
        "busy every other half hour", hours, random,
        minute => (Math.Abs(Normal(random)) * 0.2) + (minute / 30 % 2 == 1 && random.NextDouble() < 0.01 ? 10 / Math.Sqrt(1 - random.NextDouble()) : 0), loss: 0);

#pragma warning disable CA5394 // Makes delays, guards nothing.
    private static ArrivalTrace Generate(string name, double hours, Random random, Func<int, double> delayMs, double loss)
    {
        var beats = (int)(hours * 3_600_000 / IntervalMs);
        var arrivals = new List<double>(beats);
        for (var i = 0; i < beats; i++)
        {
            var at = (i * IntervalMs) + delayMs((int)(i * IntervalMs / 60_000));
            if (random.NextDouble() >= loss)
            {
                // What a stall holds up arrives with what comes after it.
                arrivals.Add(arrivals.Count > 0 ? Math.Max(arrivals[^1], at) : at);
            }
        }
        return new ArrivalTrace(name, arrivals);
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
#pragma warning restore CA5394
}
