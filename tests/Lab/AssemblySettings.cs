using Microsoft.VisualStudio.TestTools.UnitTesting;

// Labs are real networks on this machine: one test at a time has it to itself.
[assembly: DoNotParallelize]

namespace Appliance.Tests.Lab;

/// <summary>What all tests share.</summary>
[TestClass]
public static class AssemblySettings
{
    /// <summary>
    /// The programs of a lab live for seconds: compiling once more what they call most is a fifth of their processor time, and pays
    /// off later than that. They inherit this; the value is in milliseconds, hexadecimal.
    /// </summary>
    [AssemblyInitialize]
    public static void CompileLater(TestContext context) => Environment.SetEnvironmentVariable("DOTNET_TC_CallCountingDelayMs", 5000.ToString("x", System.Globalization.CultureInfo.InvariantCulture));
}
