namespace Appliance.Lab.Savefiles;

/// <summary>The server does not do what the recorded one did; there is no sense in going on.</summary>
internal sealed class ReplayException(string message, Exception? inner = null) : Exception(message, inner);
