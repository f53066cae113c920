namespace Appliance.Lab.State;

/// <summary>How far a lab has come.</summary>
public enum LabPhase
{
    /// <summary><c>lab up</c> is at work, or was ended in the middle of it.</summary>
    Building,

    /// <summary>The lab is complete.</summary>
    Ready,
}
