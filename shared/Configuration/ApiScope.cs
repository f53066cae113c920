namespace Appliance.Configuration;

/// <summary>What somebody may do at the REST interface. Each includes the ones before it.</summary>
public enum ApiScope
{
    /// <summary>Nothing but ask whether the gateway lives.</summary>
    None,

    /// <summary>Read everything.</summary>
    Read,

    /// <summary>Also order what changes state.</summary>
    Operate,
}
