using System.Text.Json.Serialization;
using Appliance.Gateway.Metrics;
using Appliance.Gateway.Recording.Store;
using Appliance.Gateway.Recording.Voting;
using Appliance.Recording;

namespace Appliance.Gateway.Recording;

/// <summary>How the recorder is doing.</summary>
/// <param name="Policy">What is kept.</param>
/// <param name="Reporting">Mask of the nodes that have reported all of their replicas since they connected.</param>
/// <param name="Flows">Flows with a window.</param>
/// <param name="Records">Records read since the start.</param>
/// <param name="Bytes">Payload bytes of them.</param>
/// <param name="PassedOver">Records that every replica had before they were due: they cost no copy.</param>
/// <param name="RecordsPerSecond">Lately.</param>
/// <param name="RingUsed">Bytes of the ring that are not given back.</param>
/// <param name="RingBytes">Bytes of the ring.</param>
/// <param name="MemoryUsed">Bytes of the windows.</param>
/// <param name="MemoryBytes">Bytes that all windows may have.</param>
/// <param name="ConflictingBytes">Bytes that came again with other content; the first ones count.</param>
/// <param name="Damaged">Records with a wrong checksum: neither kept nor believed.</param>
/// <param name="Evictions">Windows that were given up.</param>
/// <param name="HeldBack">Flows whose clients see a narrowed window.</param>
/// <param name="Hot">Flows whose clients hear several nodes.</param>
/// <param name="Requests">Requests of nodes.</param>
/// <param name="RepairedBytes">Bytes sent to nodes.</param>
/// <param name="Refused">Requests for bytes that are not held any more.</param>
/// <param name="Offers">Flows offered to nodes without a replica of them.</param>
/// <param name="Repairs">Gaps that were filled.</param>
/// <param name="RepairP50Ms">Median of the last 4096, from when the node noticed the gap until its stack had all of it.</param>
/// <param name="RepairP99Ms">As the median, the 99th percentile.</param>
/// <param name="RepairSeconds">How long repairs took, since the start.</param>
/// <param name="Lag">How far replicas are behind.</param>
/// <param name="Store">Where recordings persist.</param>
/// <param name="States">Open flows by state.</param>
/// <param name="Services">The same of each service, as they are configured.</param>
/// <param name="Outputs">Whose output reaches the clients of each service, as they are configured.</param>
/// <param name="Agreement">Output that nodes had to agree on.</param>
/// <param name="Answers">How replicas answer the datagrams of each service, as they are configured.</param>
/// <param name="Datagrams">The same for datagrams.</param>
public sealed record RecorderStatus(
    RecordPolicy Policy,
    [property: JsonIgnore] uint Reporting,
    int Flows,
    long Records,
    long Bytes,
    long PassedOver,
    long RecordsPerSecond,
    ulong RingUsed,
    ulong RingBytes,
    long MemoryUsed,
    long MemoryBytes,
    long ConflictingBytes,
    long Damaged,
    long Evictions,
    int HeldBack,
    int Hot,
    long Requests,
    long RepairedBytes,
    long Refused,
    long Offers,
    long Repairs,
    double RepairP50Ms,
    double RepairP99Ms,
    [property: JsonIgnore] HistogramReading RepairSeconds,
    [property: JsonIgnore] LagReading Lag,
    StoreStatus Store,
    IReadOnlyDictionary<FlowState, int> States,
    [property: JsonIgnore] IReadOnlyList<ServiceReading> Services,
    [property: JsonIgnore] IReadOnlyList<OutputReading> Outputs,
    AgreementStatus Agreement,
    [property: JsonIgnore] IReadOnlyList<DatagramReading> Answers,
    DatagramStatus Datagrams);
