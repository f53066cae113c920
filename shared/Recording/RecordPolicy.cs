namespace Appliance.Recording;

/// <summary>How much of a service's client streams is kept, and therefore what a replica can still be given.</summary>
public enum RecordPolicy
{
    /// <summary>A byte is kept until every replica has confirmed it. Repairs live replicas; costs next to nothing while all keep step.</summary>
    Unconfirmed,

    /// <summary>The last bytes of each stream, a fixed number, are kept even when they are confirmed; unconfirmed bytes as well.</summary>
    Window,

    /// <summary>Everything from the client's ISN on is kept while the connection lives: a replica can join late, by replay.</summary>
    Full,
}
