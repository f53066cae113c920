using System.Net;
using Appliance.Net;
using static Appliance.Tests.Kernel.Net.NetworkNamespaceScope;

namespace Appliance.Tests.Kernel.Net;

[TestClass]
public sealed class UntrackedAddressesTests
{
    private static readonly IPAddress[] Addresses = [IPAddress.Parse("192.0.2.1"), IPAddress.Parse("192.0.2.2"), IPAddress.Parse("2001:db8::1")];

    [TestMethod]
    public void Rules_for_both_families_live_as_long_as_their_owner() => Run(static () =>
    {
        using (var untracked = UntrackedAddresses.Set(Addresses))
        {
            Assert.IsNull(untracked.Remedy);
            var rules = Command("nft", "list table inet appliance");
            foreach (var rule in new[]
            {
                "ip daddr { 192.0.2.1, 192.0.2.2 } notrack", "ip6 daddr 2001:db8::1 notrack", "ip saddr { 192.0.2.1, 192.0.2.2 } notrack", "ip6 saddr 2001:db8::1 notrack",
            })
            {
                Assert.Contains(rule, rules, StringComparison.Ordinal);
            }
        }
        Assert.DoesNotContain("appliance", Command("nft", "list tables"), StringComparison.Ordinal);
    });

    [TestMethod]
    public void A_table_that_is_somebody_elses_is_left_alone_and_named() => Run(static () =>
    {
        using var first = UntrackedAddresses.Set(Addresses);
        using var second = UntrackedAddresses.Set(Addresses);
        Assert.IsNull(first.Remedy);
        Assert.Contains("'inet appliance'", second.Remedy!, StringComparison.Ordinal);
    });
}
