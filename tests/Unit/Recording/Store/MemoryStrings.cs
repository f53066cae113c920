using Appliance.Gateway.Recording.Store;

namespace Appliance.Tests.Unit.Recording.Store;

/// <summary>What the commands leave at a server: strings, sets, times to live.</summary>
internal sealed class MemoryStrings : IStoreWriter
{
    private readonly HashSet<string> _expiring = [];

    public Dictionary<string, byte[]> Strings { get; } = [];

    public Dictionary<string, HashSet<string>> Sets { get; } = [];

    public List<string> Commands { get; } = [];

    /// <summary>Bytes that a log-structured server has copied: every string that was created or grew.</summary>
    public long Copied { get; private set; }

    public IEnumerable<string> Keys => Strings.Keys.Concat(Sets.Keys);

    public IEnumerable<string> WithoutTimeToLive => Keys.Where(k => !_expiring.Contains(k));

    public void Set(string key, byte[] value, TimeSpan ttl)
    {
        Commands.Add($"SET {key}");
        Strings[key] = value;
        Copied += value.Length;
        _expiring.Add(key);
    }

    public void SetRange(string key, long position, byte[] value)
    {
        Commands.Add($"SETRANGE {key}");
        var old = Strings.GetValueOrDefault(key, []);
        if (position + value.Length > old.Length)
        {
            Array.Resize(ref old, (int)position + value.Length);
            Copied += old.Length;
        }
        value.CopyTo(old, position);
        Strings[key] = old;
    }

    public void Expire(string key, TimeSpan ttl)
    {
        if (Strings.ContainsKey(key) || Sets.ContainsKey(key))
        {
            Commands.Add($"EXPIRE {key}");
            _expiring.Add(key);
        }
    }

    public void Delete(IReadOnlyList<string> keys)
    {
        Commands.Add("DEL");
        foreach (var key in keys)
        {
            Strings.Remove(key);
            _expiring.Remove(key);
        }
    }

    public void AddMember(string key, string member)
    {
        Commands.Add($"SADD {key}");
        Sets.TryAdd(key, []);
        Sets[key].Add(member);
    }

    public void RemoveMember(string key, string member)
    {
        Commands.Add($"SREM {key}");
        Sets[key].Remove(member);
        if (Sets[key].Count == 0)
        {
            Sets.Remove(key);
            _expiring.Remove(key);
        }
    }
}
