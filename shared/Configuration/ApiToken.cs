namespace Appliance.Configuration;

/// <summary>A bearer token of the REST interface.</summary>
/// <param name="Name">Whose it is; what the audit log calls them.</param>
/// <param name="Scope">What it allows.</param>
/// <param name="Digest">SHA-256 of the token, which itself is not kept.</param>
public sealed record ApiToken(string Name, ApiScope Scope, byte[] Digest);
