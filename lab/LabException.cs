namespace Appliance.Lab;

/// <summary>An expected failure, with one clear line for the user.</summary>
public sealed class LabException(LabFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What kind of failure it is.</summary>
    public LabFailure Failure { get; } = failure;
}
