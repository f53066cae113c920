using Appliance.Configuration;
using static Appliance.Tests.Unit.Configuration.ConfigText;

namespace Appliance.Tests.Unit.Configuration;

[TestClass]
public sealed class ConfigFileTests
{
    [TestMethod]
    public void An_absent_file_is_named_in_the_message()
    {
        var e = Assert.ThrowsExactly<ConfigurationException>(static () => GatewayOptions.Load("/no/such/gateway.yaml"));
        Assert.MatchesRegex("^/no/such/gateway.yaml: cannot be read: ", e.Message);
    }

    [TestMethod]
    [DataRow("a: 1\nb: [1, 2\nc: 3\n")]
    [DataRow("a: 1\n  b: 2\n")]
    [DataRow("a: 1\na: 2\n", DisplayName = "a setting twice")]
    [DataRow("a: \"unfinished\n")]
    [DataRow("a: [1, 2]]\n")]
    public void A_syntax_error_is_told_with_its_line(string text)
    {
        var error = Assert.ThrowsExactly<ConfigurationException>(() => ReadGateway(text)).Errors.Single();
        Assert.MatchesRegex("^line [1-4]: .", error);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("# nothing but a comment")]
    [DataRow("- a\n- b\n")]
    [DataRow("just a text")]
    [DataRow("? [a, b]\n: 1\n")]
    public void The_root_is_a_mapping(string text) => AssertErrors(() => ReadGateway(text), "must be a mapping of settings");

    [TestMethod]
    public void Each_line_of_the_message_names_the_file_and_a_field()
    {
        var e = Assert.ThrowsExactly<ConfigurationException>(static () => ReadNode("name: a\n"));
        foreach (var line in e.Message.Split('\n'))
        {
            Assert.MatchesRegex(@"^node\.yaml: [a-zA-Z.]+: .", line);
        }
        Assert.IsGreaterThan(3, e.Errors.Count);
    }

    [TestMethod]
    [DataRow("heartbeat: 5", "heartbeat: must be a mapping of settings")]
    [DataRow("services: 5", "services: must be a list with at least one entry")]
    [DataRow("services: []", "services: must be a list with at least one entry")]
    [DataRow("services: [5]", "services[0].name: is missing")]
    [DataRow("name:", "name: must be a text")]
    [DataRow("name: {}", "name: must be a text")]
    [DataRow("nextHops: [[]]", "nextHops: must be a list, such as [a, b]")]
    [DataRow("nextHops: ['']", "nextHops: must be a list, such as [a, b]")]
    [DataRow("maxFlows: 1.5", "maxFlows: '1.5' must be a whole number from 1024 to 4194304")]
    [DataRow("maxFlows: 99999999999", "maxFlows: '99999999999' must be a whole number from 1024 to 4194304")]
    public void Values_of_a_wrong_shape_are_told(string line, string error) => CollectionAssert.Contains(
        Assert.ThrowsExactly<ConfigurationException>(() => ReadNode(line)).Errors.ToArray(), error);

    /// <summary>Each of them would take the loader's whole stack, or more than its user's life.</summary>
    [TestMethod]
    public void What_grows_beyond_measure_is_refused_at_once()
    {
        string[] texts =
        [
            $"a: {new string('[', 100_000)}{new string(']', 100_000)}\n",
            string.Concat(Enumerable.Range(0, 5000).Select(level => $"{new string(' ', level)}a:\n")),
        ];
        foreach (var text in texts)
        {
            Assert.MatchesRegex("^line [0-9]+: more than 20 levels", Assert.ThrowsExactly<ConfigurationException>(() => ReadGateway(text)).Errors.Single());
        }
        var list = "a0: &a0 [x, x]\n" + string.Concat(Enumerable.Range(1, 60).Select(i => $"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n"));
        AssertErrors(() => ReadGateway($"{list}heartbeat: {{ ? *a60 : 1 }}\n"), "line 2: *a0: aliases are not understood here, write the value out");
    }

    [TestMethod]
    public void A_list_as_the_name_of_a_setting_is_an_unknown_setting() => CollectionAssert.Contains(
        Assert.ThrowsExactly<ConfigurationException>(static () => ReadNode("heartbeat:\n  ? [a, b]\n  : 1\n")).Errors.ToArray(),
        "heartbeat.[ a, b ]: unknown setting (line 3)");

    /// <summary>A fixed sequence of damages to a good file: it is read, or all is reported; nothing else is thrown.</summary>
    [TestMethod]
    public void Damaged_files_are_reported_and_never_crash_the_reader()
    {
        const string Damages = "[]{}:,-#&*!|>'\"%@`? \n\t0a";
        using var text = new ConfigText();
        var random = new Random(1);
        for (var i = 0; i < 2000; i++)
        {
            var damaged = text.Gateway.ToCharArray();
            for (var changes = random.Next(1, 4); changes > 0; changes--)
            {
                damaged[random.Next(damaged.Length)] = Damages[random.Next(Damages.Length)];
            }
            try
            {
                ReadGateway(new string(damaged));
            }
            catch (ConfigurationException e)
            {
                Assert.IsNotEmpty(e.Errors);
            }
        }
    }
}
