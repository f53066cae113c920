namespace Appliance.Lab.Compare;

/// <summary>Why two instances of a server typically say different things.</summary>
public enum DifferenceKind
{
    /// <summary>Nothing that is known.</summary>
    Unknown,

    /// <summary>A date or a time.</summary>
    Clock,

    /// <summary>An identifier that is drawn at random: a session, a request, a UUID.</summary>
    RandomIdentifier,

    /// <summary>A number: a counter, a process identifier, a port, something that depends on what other connections did before.</summary>
    Number,

    /// <summary>The same lines in another order.</summary>
    Order,

    /// <summary>A key exchange: TLS, SSH.</summary>
    KeyExchange,

    /// <summary>One says more than the other.</summary>
    Length,

    /// <summary>One closes and the other does not.</summary>
    Close,
}
