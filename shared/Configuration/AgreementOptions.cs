namespace Appliance.Configuration;

/// <summary>Section <c>agreement</c> of the gateway's file: output policy <c>agree</c>.</summary>
/// <param name="Wait">How long the active node's output waits for the others'.</param>
/// <param name="Fallback">What becomes of it then, and while there are no others.</param>
public sealed record AgreementOptions(TimeSpan Wait, AgreementFallback Fallback)
{
    /// <summary>Reads the section, which may be absent.</summary>
    public static AgreementOptions Read(ConfigNode root)
    {
        var node = root.Section("agreement", "output: agree (docs/decisions/0014-what-all-have-said.md)");
        var options = new AgreementOptions(
            node.Duration("wait", "how long output of the active node waits for the other nodes to say the same, without any of it passing", TimeSpan.FromMilliseconds(500), TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1)),
            node.Choice("fallback", "what becomes of it then, and of output for which there is no other node: active lets it pass, reset resets the client", "active", "active", "reset") == "reset" ? AgreementFallback.Reset : AgreementFallback.Active);
        node.RejectUnknown();
        return options;
    }
}
