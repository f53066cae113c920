namespace Appliance.Lab.Compare;

/// <summary>What a server has said on a connection.</summary>
/// <param name="Bytes">All of it.</param>
/// <param name="IsClosed">Has it closed?</param>
public sealed record Output(byte[] Bytes, bool IsClosed);
