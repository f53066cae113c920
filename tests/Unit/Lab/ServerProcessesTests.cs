using Appliance.Lab.Processes;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Unit.Lab;

[TestClass]
public sealed class ServerProcessesTests
{
    private static readonly HashSet<int> Agent = [10];

    [TestMethod]
    public void A_server_goes_down_with_its_workers()
    {
        ProcessEntry[] processes = [At(10, 1, "agent"), At(20, 1, "postgres"), At(21, 20, "checkpointer"), At(22, 20, "postgres"), At(30, 1, "psql")];
        CollectionAssert.AreEqual(new[] { 20, 21, 22 }, Select(processes, 20));
    }

    [TestMethod]
    public void A_supervisor_goes_down_with_the_server_and_its_other_children()
    {
        ProcessEntry[] processes = [At(20, 1, "master"), At(21, 20, "worker"), At(22, 20, "cache manager")];
        CollectionAssert.AreEqual(new[] { 20, 21, 22 }, Select(processes, 21));
    }

    [TestMethod]
    public void The_users_shell_is_spared()
    {
        ProcessEntry[] processes = [At(20, 1, "bash"), At(21, 20, "redis-server"), At(22, 20, "tail")];
        CollectionAssert.AreEqual(new[] { 21 }, Select(processes, 21));
    }

    [TestMethod]
    public void The_agent_is_spared_with_what_it_starts()
    {
        ProcessEntry[] processes = [At(10, 1, "agent"), At(11, 10, "helper"), At(21, 10, "server")];
        CollectionAssert.AreEqual(new[] { 21 }, Select(processes, 21));
    }

    [TestMethod]
    public void Listening_sockets_are_found_by_their_state()
    {
        const string Table = """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0000000000000000 100 0 0 10 0
               1: 0A02000A:0050 0A01000A:9C40 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0000000000000000 20 4 30 10 -1
               2: 0A02000A:0051 0A01000A:9C41 06 00000000:00000000 03:00000000 00000000     0        0 0 3 0000000000000000
            """;
        CollectionAssert.AreEqual(new[] { 4711L }, ListeningSockets.Parse(Table, "0A").ToArray());
    }

    private static int[] Select(ProcessEntry[] processes, int owner) => [.. ServerProcesses.Select(processes, new HashSet<int> { owner }, Agent)];

    private static ProcessEntry At(int pid, int parent, string command) => new(pid, parent, command, 'S', 0);
}
