using System.Net;
using Appliance.Bpf.Layout;
using Appliance.Gateway.Api.Flows;
using Appliance.Gateway.Recording;

namespace Appliance.Tests.Unit.Api;

/// <summary>Which connections are listed, and in which order.</summary>
[TestClass]
public sealed class FlowQueryTests
{
    private static readonly FlowDocument[] s_flows =
    [
        Flow("10.0.1.2:3", "10.0.2.100:80", FlowState.Protected, age: 5, bytes: 30, lag: 7),
        Flow("10.0.1.2:1", "10.0.2.100:80", FlowState.Diverged, age: 9, bytes: 10, lag: null),
        Flow("10.0.1.2:2", "10.0.2.100:443", FlowState.Repairing, age: 1, bytes: 20, lag: 900),
    ];

    [TestMethod]
    [DataRow("flow", "123")]
    [DataRow("-flow", "321")]
    [DataRow("age", "231")]
    [DataRow("-clientBytes", "321")]
    [DataRow("lag", "132")]
    [DataRow("state", "321")]
    public void They_are_sorted(string sort, string order) => Assert.AreEqual(order, Of(new FlowQuery { Sort = sort }));

    [TestMethod]
    [DataRow("10.0.1.9:1", "10.0.1.10:1")]
    [DataRow("10.0.1.9:9", "10.0.1.9:10")]
    [DataRow("10.0.1.9:9", "[2001:db8::1]:1")]
    public void Addresses_and_ports_are_sorted_as_numbers(string first, string second)
    {
        FlowDocument[] flows = [Flow(second, "10.0.2.100:80", default, age: 0, bytes: 0, lag: 0), Flow(first, "10.0.2.100:443", default, age: 0, bytes: 0, lag: 0)];
        Assert.AreSame(flows[1], new FlowQuery().Apply(flows)[0]);
    }

    [TestMethod]
    [DataRow("diverged", "1")]
    [DataRow("Protected, repairing", "23")]
    [DataRow("", "123")]
    public void A_state_is_chosen(string state, string which) => Assert.AreEqual(which, Of(new FlowQuery { State = state, Sort = "flow" }));

    [TestMethod]
    [DataRow(":443", "2")]
    [DataRow(":80", "13")]
    [DataRow("nothing", "")]
    public void A_text_is_looked_for(string text, string which) => Assert.AreEqual(which, Of(new FlowQuery { Text = text, Sort = "flow" }));

    [TestMethod]
    public void A_node_is_chosen()
    {
        Assert.AreEqual("123", Of(new FlowQuery { Node = "node2" }));
        Assert.AreEqual("", Of(new FlowQuery { Node = "node3" }));
    }

    [TestMethod]
    [DataRow(null, null, "123")]
    [DataRow(2, null, "12")]
    [DataRow(2, 2, "3")]
    [DataRow(2, 5, "")]
    public void A_page_is_cut_out(int? limit, int? offset, string which)
    {
        var query = new FlowQuery { Limit = limit, Offset = offset };
        Assert.AreEqual(which, Ports(query.Page(query.Apply(s_flows))));
    }

    [TestMethod]
    [DataRow("state", "asleep")]
    [DataRow("state", "1")]
    [DataRow("sort", "colour")]
    [DataRow("sort", "")]
    [DataRow("limit", "0")]
    [DataRow("limit", "100001")]
    [DataRow("offset", "-1")]
    public void What_makes_no_sense_is_named(string field, string value)
    {
        var query = field switch
        {
            "state" => new FlowQuery { State = value },
            "sort" => new FlowQuery { Sort = value },
            "limit" => new FlowQuery { Limit = int.Parse(value, System.Globalization.CultureInfo.InvariantCulture) },
            _ => new FlowQuery { Offset = int.Parse(value, System.Globalization.CultureInfo.InvariantCulture) },
        };
        StringAssert.StartsWith(query.Problem, $"{field}: ", StringComparison.Ordinal);
    }

    [TestMethod]
    public void What_makes_sense_is_no_problem() => Assert.IsNull(new FlowQuery { State = "protected,diverged", Sort = "-lag", Limit = 10, Offset = 0 }.Problem);

    private static string Of(FlowQuery query)
    {
        Assert.IsNull(query.Problem);
        return Ports(query.Apply(s_flows));
    }

    private static string Ports(IEnumerable<FlowDocument> flows) => string.Concat(flows.Select(f => f.Flow.Split(':', '-')[1]));

    private static FlowDocument Flow(string client, string service, FlowState state, double age, ulong bytes, long? lag) => new(
        new FlowKey(IPEndPoint.Parse(client), IPEndPoint.Parse(service)), state, age, age / 2, bytes, 0, 0, [new ReplicaDocument("node2", lag is null ? ReplicaState.Diverged : ReplicaState.InStep, lag)]);
}
