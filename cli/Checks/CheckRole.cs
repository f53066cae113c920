namespace Appliance.Cli.Checks;

/// <summary>Which program a configuration belongs to.</summary>
public enum CheckRole
{
    /// <summary>The gateway.</summary>
    Gateway,

    /// <summary>The primary node.</summary>
    Primary,

    /// <summary>The backup node.</summary>
    Backup,
}
