namespace Appliance.Gateway.Recording.Store;

/// <summary>A key that has one of the store's names holds something of another type.</summary>
internal sealed class ForeignKeyException() : Exception("is not the appliance's: choose another recorder.keyPrefix, or delete the key");
