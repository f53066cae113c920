namespace Appliance.Lab.Traffic.Content;

/// <summary>Why a request line was refused.</summary>
public enum StreamRequestError
{
    /// <summary>It was not.</summary>
    None,

    /// <summary>The first word is neither GET nor PUT.</summary>
    UnknownVerb,

    /// <summary>The number of bytes is missing, not decimal, or above 2^63-1.</summary>
    BadLength,

    /// <summary>The seed is missing, not decimal, above 2^64-1, or followed by more.</summary>
    BadSeed,

    /// <summary>PUT does not end with compare or sha256.</summary>
    BadMode,

    /// <summary>No line end within the longest possible line.</summary>
    LineTooLong,
}
