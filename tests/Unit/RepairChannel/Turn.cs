using System.Diagnostics;
using Appliance.RepairChannel;

namespace Appliance.Tests.Unit.RepairChannel;

/// <summary>Does something again and again until the kernel has carried the bytes over.</summary>
internal static class Turn
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    public static void Until(Action step, Func<bool> condition)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.IsLessThan(Limit, clock.Elapsed, "nothing comes of it");
            step();
            Thread.Yield();
        }
    }

    /// <summary>The fault that ends it.</summary>
    public static ChannelFault UntilFault(Action step)
    {
        var fault = ChannelFault.None;
        Until(
            () =>
            {
                try
                {
                    step();
                }
                catch (ChannelException e)
                {
                    fault = e.Fault;
                }
            },
            () => fault != ChannelFault.None);
        return fault;
    }
}
