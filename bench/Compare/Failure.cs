namespace Appliance.Bench.Compare;

/// <summary>What happens to the server that clients are connected to.</summary>
public enum Failure
{
    /// <summary>Nothing: what the machine does to the waits by itself.</summary>
    None,

    /// <summary>Its machine dies.</summary>
    Crash,

    /// <summary>It neither answers nor ends.</summary>
    Hang,

    /// <summary>It is killed; its machine lives on.</summary>
    Kill,

    /// <summary>
    /// It is taken down for maintenance: the appliance and keepalived move the service first; HAProxy and plain forwarding have no order
    /// for that, and it is stopped.
    /// </summary>
    Planned,
}
