using Appliance.Configuration;
using Appliance.Gateway.DataPath;
using Appliance.Gateway.Recording;

namespace Appliance.Gateway.Api.Flows;

/// <summary>
/// All open connections, for any number of askers. The recorder's thread answers, which has packets to look after: it is asked at
/// most 50 times a second, and whoever asks meanwhile shares the next answer.
/// </summary>
internal sealed class FlowReadings(GatewayDataPath dataPath, Recorder recorder, GatewayOptions options, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly SharedReading<IReadOnlyList<FlowDocument>> _shared = new(() => FlowDocument.ReadAllAsync(dataPath, recorder, options), Pause, time);

    /// <summary>As of a moment after the call.</summary>
    public Task<IReadOnlyList<FlowDocument>> ReadAsync() => _shared.ReadAsync();
}
