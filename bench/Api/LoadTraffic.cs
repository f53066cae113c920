namespace Appliance.Bench.Api;

/// <summary>What the packets' way carries meanwhile.</summary>
public enum LoadTraffic
{
    /// <summary>Nothing but silent connections.</summary>
    None,

    /// <summary>A download that fills a link of <see cref="LoadMeter.LinkGbit"/>, and leaves the machine room for who asks.</summary>
    Link,

    /// <summary>A download that takes all that the machine has.</summary>
    Machine,
}
