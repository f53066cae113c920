using Appliance.Bench.Labs;

namespace Appliance.Bench.Compatibility;

/// <summary>What clients do with a server before, during and after a crash.</summary>
public interface IClientLoad
{
    /// <summary>Does it until it is told to stop, or until it is done.</summary>
    Task<LoadResult> RunAsync(BenchLab lab, CancellationToken stop, CancellationToken cancellation);
}
