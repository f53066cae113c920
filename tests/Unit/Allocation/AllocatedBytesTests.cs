using Appliance.Tests.Support;

namespace Appliance.Tests.Unit.Allocation;

[TestClass]
public sealed class AllocatedBytesTests
{
    [TestMethod]
    public void What_is_allocated_is_counted() =>
        Assert.IsInRange(1000, 1100, AllocatedBytes.Of(() => GC.KeepAlive(new byte[1000])));
}
