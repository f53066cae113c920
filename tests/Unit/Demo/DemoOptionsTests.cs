using Appliance.Lab;
using Appliance.Lab.Demo;
using Appliance.Lab.Faults;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Appliance.Tests.Unit.Demo;

[TestClass]
public sealed class DemoOptionsTests
{
    [TestMethod]
    [DataRow(DemoServer.Echo, 200)]
    [DataRow(DemoServer.Nginx, 4)]
    [DataRow(DemoServer.Postgres, 8)]
    public void Defaults_are_valid(DemoServer server, int connections)
    {
        var options = new DemoOptions { Server = server };
        Assert.IsEmpty(options.Validate());
        Assert.AreEqual(connections, options.EffectiveConnections);
    }

    [TestMethod]
    [DataRow(DemoServer.Echo, 20_000, true)]
    [DataRow(DemoServer.Echo, 20_001, false)]
    [DataRow(DemoServer.Nginx, 201, false)]
    [DataRow(DemoServer.Postgres, 90, true)]
    [DataRow(DemoServer.Postgres, 91, false)]
    [DataRow(DemoServer.Postgres, 0, false)]
    [DataRow(DemoServer.Echo, -1, false)]
    public void Connections_are_limited_by_the_server(DemoServer server, int connections, bool valid)
    {
        var errors = new DemoOptions { Server = server, Connections = connections }.Validate();
        Assert.AreEqual(valid, errors.Count == 0, string.Join("; ", errors));
    }

    [TestMethod]
    public void Reports_everything_that_is_wrong_at_once()
    {
        var options = new DemoOptions
        {
            Connections = 0,
            Fault = FaultKind.TapLoss,
            Heartbeat = TimeSpan.FromMilliseconds(30),
            DetectionTimeout = TimeSpan.FromMilliseconds(30),
            Repeat = 0,
        };
        Assert.HasCount(4, options.Validate());
    }

    [TestMethod]
    public void Plans_are_the_same_for_the_same_seed_and_differ_between_rounds()
    {
        Assert.AreEqual(RoundPlan.For(7, 1), RoundPlan.For(7, 1));
        Assert.AreNotEqual(RoundPlan.For(7, 1).Delay, RoundPlan.For(7, 2).Delay);
        Assert.AreNotEqual(RoundPlan.For(7, 1).Delay, RoundPlan.For(8, 1).Delay);
    }

    [TestMethod]
    public void Faults_come_between_one_and_a_half_and_four_seconds()
    {
        foreach (var seed in Enumerable.Range(-500, 1000).Append(int.MaxValue).Append(int.MinValue))
        {
            var plan = RoundPlan.For(seed, 3);
            Assert.IsTrue(plan.Delay.TotalSeconds is >= 1.5 and < 4, $"seed {seed}: {plan.Delay}");
            Assert.IsGreaterThanOrEqualTo(0, plan.Seed);
        }
    }

    [TestMethod]
    [DataRow(LabFailure.MissingTool, 2)]
    [DataRow(LabFailure.NotRoot, 2)]
    [DataRow(LabFailure.AlreadyUp, 2)]
    [DataRow(LabFailure.InvalidArgument, 2)]
    [DataRow(LabFailure.NotReady, 1)]
    [DataRow(LabFailure.DaemonFailed, 1)]
    public void Tells_apart_what_the_user_has_to_change(LabFailure failure, int code) => Assert.AreEqual(code, DemoExitCode.Of(failure));
}
