using Appliance.Configuration;

namespace Appliance.Tests.Unit.Configuration;

/// <summary>Configuration files as texts, with a secret beside them.</summary>
internal sealed class ConfigText : IDisposable
{
    public const string Secret = "000102030405060708090a0b0c0d0e0f";

    public ConfigText(string secret = Secret)
    {
        SecretFile = Path.GetTempFileName(); // mode 0600
        File.WriteAllText(SecretFile, secret);
    }

    public string SecretFile { get; }

    /// <summary>The least that a gateway needs.</summary>
    public string Gateway => $"""
        lanInterface: eth1
        secretFile: {SecretFile}
        heartbeat:
          bind: [10.0.2.1:7400]
        services:
          - name: postgres
            addresses: [10.0.2.100, fd00:2::100]
        nodes:
          - name: node1
            address: 10.0.2.10
          - name: node2
            address: 10.0.2.11

        """;

    /// <summary>The least that a node needs.</summary>
    public string Node => $"""
        name: node1
        lanInterface: eth0
        secretFile: {SecretFile}
        heartbeat:
          gateways: [10.0.2.1:7400]
        nextHops: [10.0.2.1]
        services:
          - name: postgres
            addresses: [10.0.2.100]

        """;

    public static GatewayOptions ReadGateway(string text) => ConfigFile.Parse(text, "gateway.yaml", GatewayOptions.Read);

    public static NodeOptions ReadNode(string text) => ConfigFile.Parse(text, "node.yaml", NodeOptions.Read);

    /// <summary>The errors, which must be exactly these; a text ending in … stands for its beginning.</summary>
    public static void AssertErrors(Action read, params string[] expected)
    {
        var errors = Assert.ThrowsExactly<ConfigurationException>(read).Errors;
        string[] comparable = [.. errors.Select((e, i) =>
            i < expected.Length && expected[i].EndsWith('…') && e.StartsWith(expected[i][..^1], StringComparison.Ordinal) ? expected[i] : e)];
        Assert.AreEqual(string.Join('\n', expected), string.Join('\n', comparable));
    }

    public void Dispose() => File.Delete(SecretFile);
}
