namespace Appliance.Lab.Traffic.Content;

/// <summary>What a request on the stream port asks for.</summary>
public enum StreamVerb
{
    /// <summary>The server sends the pattern.</summary>
    Get,

    /// <summary>The client sends the pattern; the server compares it and answers the number of bytes that differ.</summary>
    PutCompare,

    /// <summary>The client sends; the server answers the SHA-256 of what it received.</summary>
    PutSha256,
}
