using System.Globalization;
using Appliance.Bpf;

namespace Appliance.Tests.Kernel;

/// <summary>
/// The verifier gives up on a program after a million instructions, loops and branches unrolled (BPF_COMPLEXITY_LIMIT_INSNS),
/// and how many it needs depends on the kernel and on the compiler. Ours stay far away from that.
/// </summary>
[TestClass]
public sealed class VerifierEffortTests
{
    private const int Most = 100_000;

    [TestMethod]
    [DataRow("gateway.bpf.o", "gateway_egress")]
    [DataRow("gateway.bpf.o", "gateway_ingress")]
    [DataRow("node.bpf.o", "replica_egress")]
    [DataRow("node.bpf.o", "replica_ingress")]
    [DataRow("node.bpf.o", "listener_gone")]
    [DataRow("node.bpf.o", "process_exit")]
    public void A_program_is_verified_with_room_to_spare(string name, string program)
    {
        using var obj = BpfObject.Open(name);
        obj.Load();
        var info = File.ReadAllLines($"/proc/self/fdinfo/{obj.ProgramFd(program)}");
        var verified = info.Single(line => line.StartsWith("verified_insns:", StringComparison.Ordinal)).Split(':')[1];
        Assert.IsInRange(1, Most, int.Parse(verified, CultureInfo.InvariantCulture));
    }
}
