namespace Appliance.Net;

/// <summary>The kernel refused a request that has no tolerable refusal: wrong configuration, missing privilege or a bug.</summary>
public sealed class NetlinkException : IOException
{
    /// <summary>Describes the failure of <paramref name="operation"/>, which completes the sentence "Could not …".</summary>
    public NetlinkException(string operation, NetlinkResult result)
        : base($"Could not {operation}: {result}")
    {
        Operation = operation;
        Result = result;
    }

    /// <summary>What was asked, in words.</summary>
    public string Operation { get; }

    /// <summary>What the kernel answered.</summary>
    public NetlinkResult Result { get; }
}
