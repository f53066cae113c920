using Appliance.Lab.Daemons;

namespace Appliance.Bench.Compare;

/// <summary>What is to be known of each product.</summary>
public static class Products
{
    /// <summary>All of them, in the order in which a round takes them.</summary>
    public static IReadOnlyList<Product> All { get; } = Enum.GetValues<Product>();

    /// <summary>As tables call it.</summary>
    public static string NameOf(Product product) => product switch
    {
        Product.Plain => "plain forwarding",
        Product.Haproxy => "HAProxy",
        Product.Keepalived => "keepalived",
        Product.Silent => "appliance, silent",
        Product.Hot => "appliance, hot",
        Product.Agree => "appliance, agree",
        _ => throw new ArgumentOutOfRangeException(nameof(product)),
    };

    /// <summary>Whose output reaches clients; null where the appliance is not.</summary>
    public static OutputPolicy? OutputOf(Product product) => product switch
    {
        Product.Silent => OutputPolicy.Silent,
        Product.Hot => OutputPolicy.Hot,
        Product.Agree => OutputPolicy.Agree,
        _ => null,
    };
}
