namespace Appliance.Gateway.Recording.Store;

/// <summary>The commands that writing takes. Each is sent at once and answered later, in order for one connection's keys.</summary>
internal interface IStoreWriter
{
    /// <summary>Replaces a string.</summary>
    void Set(string key, byte[] value, TimeSpan ttl);

    /// <summary>Writes into a string, which zero bytes extend when it is too short.</summary>
    void SetRange(string key, long position, byte[] value);

    /// <summary>Renews a key's time to live.</summary>
    void Expire(string key, TimeSpan ttl);

    /// <summary>Removes keys of one connection.</summary>
    void Delete(IReadOnlyList<string> keys);

    /// <summary>Adds to a set.</summary>
    void AddMember(string key, string member);

    /// <summary>Removes from a set.</summary>
    void RemoveMember(string key, string member);
}
