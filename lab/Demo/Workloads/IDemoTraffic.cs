using Appliance.Lab.Demo.Reports;
using Appliance.Lab.Demo.Views;

namespace Appliance.Lab.Demo.Workloads;

/// <summary>The running clients of one round. Disposing ends them at once.</summary>
internal interface IDemoTraffic : IAsyncDisposable
{
    /// <summary>Connections that stay open until the traffic ends.</summary>
    int Connections { get; }

    /// <summary>Whether the clients have ended, by themselves or because they were told to.</summary>
    bool HasEnded { get; }

    /// <summary>The last words of clients that had something to complain about; otherwise empty.</summary>
    string Complaints { get; }

    /// <summary>What it means that data arrived again, for the timeline.</summary>
    string FirstDataText { get; }

    /// <summary>Where the traffic stands.</summary>
    IReadOnlyList<ProgressItem> Progress { get; }

    /// <summary>
    /// When the first data arrived at or after a time, both in nanoseconds of CLOCK_MONOTONIC; null when there was none,
    /// or when it is known only once the traffic has ended.
    /// </summary>
    Task<long?> FirstDataAfterAsync(long timeNs, CancellationToken cancellation);

    /// <summary>Ends the clients in order and tells what became of them.</summary>
    /// <exception cref="LabException">They ended without telling.</exception>
    Task<TrafficOutcome> FinishAsync(CancellationToken cancellation);
}
