namespace Appliance.Gateway.Recording;

/// <summary>How much room is left in the record ring.</summary>
public enum RingRoom
{
    /// <summary>Enough to let bytes wait there that may never have to be written to the store.</summary>
    Ample,

    /// <summary>What waits is to be written to the store now, so that its room can be given back.</summary>
    Needed,

    /// <summary>And sooner than it goes without taking much of a processor.</summary>
    Short,

    /// <summary>New segments count for more than a copy in the store.</summary>
    Scarce,
}
