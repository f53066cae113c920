namespace Appliance.Tests.Kernel.Fixtures;

/// <summary>TC_ACT_*: what a program does with the packet.</summary>
internal enum Verdict
{
    Ok = 0,
    Shot = 2,
    Stolen = 4,
    Redirect = 7,
}
