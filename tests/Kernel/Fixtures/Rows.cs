using Appliance.Tests.Support;

namespace Appliance.Tests.Kernel.Fixtures;

/// <summary>Fixtures for both address families, one test-data row each.</summary>
internal static class Rows
{
    public static IEnumerable<object[]> ForBoth<T>(Func<Ends, IEnumerable<T>> fixtures)
        where T : class => Ends.Both.SelectMany(fixtures).Select(f => new object[] { f });
}
