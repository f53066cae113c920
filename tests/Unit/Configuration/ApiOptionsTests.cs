using Appliance.Configuration;
using static Appliance.Tests.Unit.Configuration.ConfigText;

namespace Appliance.Tests.Unit.Configuration;

/// <summary>Who may use the REST interface.</summary>
[TestClass]
public sealed class ApiOptionsTests : IDisposable
{
    private readonly ConfigText _text = new();
    private readonly ConfigText _token = new("correct-horse-battery-staple");

    public void Dispose()
    {
        _text.Dispose();
        _token.Dispose();
    }

    [TestMethod]
    public void By_default_nobody_may_do_anything()
    {
        var api = ReadGateway(_text.Gateway).Api;
        Assert.AreEqual(ApiScope.None, api.Anonymous);
        Assert.IsEmpty(api.Tokens);
    }

    [TestMethod]
    public void Tokens_are_kept_as_digests()
    {
        var api = ReadGateway(_text.Gateway + $"api: {{ anonymous: read, tokens: [{{ name: olga, scope: operate, secretFile: {_token.SecretFile} }}] }}\n").Api;
        Assert.AreEqual(ApiScope.Read, api.Anonymous);
        var token = api.Tokens.Single();
        Assert.AreEqual(("olga", ApiScope.Operate), (token.Name, token.Scope));
        CollectionAssert.AreEqual(ApiOptions.DigestOf("correct-horse-battery-staple"), token.Digest);
    }

    [TestMethod]
    public void Whoever_is_not_told_more_may_read() => Assert.AreEqual(
        ApiScope.Read, ReadGateway(_text.Gateway + $"api: {{ tokens: [{{ name: ron, secretFile: {_token.SecretFile} }}] }}\n").Api.Tokens.Single().Scope);

    [TestMethod]
    public void Each_error_names_its_field()
    {
        using var shortOne = new ConfigText("short");
        using var twoWords = new ConfigText("two words are not a token");
        using var empty = new ConfigText("");
        AssertErrors(
            () => ReadGateway(_text.Gateway + $$"""
                api:
                  anonymous: everything
                  tokens:
                    - { name: a, scope: none, secretFile: {{_token.SecretFile}} }
                    - { name: a, secretFile: {{shortOne.SecretFile}} }
                    - { name: anonymous, secretFile: {{twoWords.SecretFile}} }
                    - { name: b, secretFile: {{empty.SecretFile}}, scop: read }
                    - { name: c }
                  certificateFile: /no/such/file

                """),
            "api.anonymous: 'everything' must be one of none, read, operate",
            "api.tokens[0].scope: 'none' must be one of read, operate",
            "api.tokens[1].name: 'a' is taken",
            "api.tokens[1].secretFile: holds 5 characters, at least 16 are needed…",
            "api.tokens[2].name: 'anonymous' is taken",
            "api.tokens[2].secretFile: must hold one word of printable ASCII characters…",
            $"api.tokens[3].secretFile: {empty.SecretFile} is empty…",
            "api.tokens[3].scop: unknown setting (line 19), did you mean 'scope'?",
            "api.tokens[4].secretFile: is missing",
            "api.certificateFile: /no/such/file does not exist",
            "api.certificateFile: needs listen to be an https address");
    }

    [TestMethod]
    [DataRow("", "api.certificateFile: is missing: listen is an https address")]
    [DataRow("certificateFile: FILE", "api.keyFile: is missing: listen is an https address")]
    public void A_secure_interface_needs_both_files(string api, string error) => AssertErrors(
        () => ReadGateway(_text.Gateway + $"listen: https://0.0.0.0:8443\napi: {{ {api.Replace("FILE", _token.SecretFile, StringComparison.Ordinal)} }}\n"), error);
}
