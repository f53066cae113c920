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
        var known = NiceValues().Keys.ToHashSet();
        using var stop = new ManualResetEventSlim();
        using var started = new ManualResetEventSlim();
        var thread = new Thread(() =>
        {
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
            var before = NiceValues();
            var task = before.Keys.Single(id => !known.Contains(id) && NameOf(id) == name);
            DeferredCompilation.Look();
            Assert.AreEqual(waits ? 10 : before[task], NiceValues()[task]);
        }
        finally
        {
            stop.Set();
            thread.Join();
        }
    }

    private static string NameOf(int task) => File.ReadAllText($"/proc/self/task/{task}/comm").TrimEnd();

    /// <summary>By the kernel's number of the thread; field 19 of proc_pid_stat(5).</summary>
    private static Dictionary<int, int> NiceValues()
    {
        var values = new Dictionary<int, int>();
        foreach (var directory in Directory.EnumerateDirectories("/proc/self/task"))
        {
            try
            {
                var stat = File.ReadAllText(Path.Combine(directory, "stat"));
                var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                values[int.Parse(Path.GetFileName(directory), CultureInfo.InvariantCulture)] = int.Parse(fields[16], CultureInfo.InvariantCulture);
            }
            catch (IOException)
            {
                // it has just ended
            }
        }
        return values;
    }
}
