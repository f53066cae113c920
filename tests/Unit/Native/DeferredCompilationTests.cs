using System.Globalization;
using Appliance.Native;

namespace Appliance.Tests.Unit.Native;

/// <summary>The compiler's thread is found by its name, and others are left alone.</summary>
[TestClass]
public sealed class DeferredCompilationTests
{
    [TestMethod]
    [DataRow(DeferredCompilation.ThreadName, true)]
    [DataRow(".NET Tiered", false)]
    public void The_compiler_waits_for_others(string name, bool waits)
    {
        using var stop = new ManualResetEventSlim();
        using var started = new ManualResetEventSlim();
        var task = "";
        var thread = new Thread(() =>
        {
            task = $"/proc/{new FileInfo("/proc/thread-self").LinkTarget}";
            started.Set();
            stop.Wait();
        })
        {
            Name = name,
        };
        thread.Start();
        try
        {
            started.Wait();
            var before = NiceOf(task);
            DeferredCompilation.Look();
            Assert.AreEqual(waits ? 10 : before, NiceOf(task));
        }
        finally
        {
            stop.Set();
            thread.Join();
        }
    }

    /// <summary>Field 19 of proc_pid_stat(5).</summary>
    private static int NiceOf(string task)
    {
        var stat = File.ReadAllText($"{task}/stat");
        return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[16], CultureInfo.InvariantCulture);
    }
}
