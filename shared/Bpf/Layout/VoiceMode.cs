namespace Appliance.Bpf.Layout;

/// <summary>enum voice_mode: what of the output of several nodes passes that is new to the client.</summary>
public enum VoiceMode : uint
{
    /// <summary>Whatever comes first.</summary>
    First,

    /// <summary>What all of them have said: user space sends it on.</summary>
    Agreed,

    /// <summary>The active node's; what the others say is noted.</summary>
    Active,

    /// <summary>Nothing: the nodes contradict one another.</summary>
    Nobody,
}
