using System.Text;
using Appliance.Configuration;
using Appliance.Lab.Daemons;
using Appliance.Tests.Unit.Configuration;

namespace Appliance.Tests.Unit.Fuzzing;

/// <summary>Damaged configuration: it is read, or everything that is wrong with it is told; nothing else is thrown.</summary>
[TestClass]
public sealed class ConfigurationFuzzTests
{
    private const int Times = 10_000;

    /// <summary>The reader of YAML has buffers of its own, and an error's text.</summary>
    private const long Allowance = 4 << 20;

    /// <summary>What YAML can do, and configuration does not need: it may be refused, but never more.</summary>
    private static readonly string[] s_exotic =
    [
        "a: &a [x]\nb: *a\n", "a: &a {b: *a}\n", "<<: {a: 1}\n", "a: !!int 'x'\n", "--- \n...\n---\n", "%YAML 9.9\n---\na: 1\n", "a: |2\n  x\n", "? {a: [b]}\n: &x !t >-\n  y\n",
        "a: \"\\uD800\\x00\\U00110000\"\n", "\ufeffa: 1\n", "\t\t- -\t-\n", "a: 1e999\nb: 0x7fffffffffffffff\nc: .nan\nd: 2026-99-99\n", "'':''\n",
    ];

    [TestMethod]
    public void A_damaged_file_of_a_gateway_is_reported()
    {
        using var text = new ConfigText();
        var full = $$"""
            {{text.Gateway}}
            listen: http://127.0.0.1:8080
            output: silent
            initialActive: node1
            api: { anonymous: read, tokens: [ { name: olga, scope: operate, secretFile: {{text.SecretFile}} } ] }
            recorder: { policy: full, memory: 64MiB, redis: "127.0.0.1:6379", timeout: 1s }
            """;
        Run(text.Gateway, full, input => ConfigText.ReadGateway(input));
    }

    [TestMethod]
    public void A_damaged_file_of_a_node_is_reported()
    {
        using var text = new ConfigText();
        Run(text.Node, text.Node, input => ConfigText.ReadNode(input));
    }

    private static void Run(string one, string other, Func<string, object> read)
    {
        var (good, refused) = (0, 0);
        byte[][] valid = [.. new[] { one, other }.Concat(s_exotic).Select(Encoding.UTF8.GetBytes)];
        Fuzz.Run(valid, Times, Allowance, input =>
        {
            try
            {
                Assert.IsNotNull(read(Encoding.UTF8.GetString(input)));
                good++;
            }
            catch (ConfigurationException exception)
            {
                Assert.IsNotEmpty(exception.Errors);
                Assert.IsTrue(exception.Errors.All(error => error.Length > 0));
                refused++;
            }
        });
        Assert.IsGreaterThan(0, good, "some damages matter to nobody");
        Assert.IsGreaterThan(Times / 2, refused);
    }
}
