namespace Appliance.Tests.Lab.Support;

/// <summary>Output that nodes had to agree on, in <see cref="RecorderReport"/>.</summary>
public sealed record AgreementReport(long AgreedBytes, long ReleasedBytes, long Differences, long Timeouts, long Refused, int Waiting, long Unsent);
