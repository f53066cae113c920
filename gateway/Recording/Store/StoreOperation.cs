namespace Appliance.Gateway.Recording.Store;

/// <summary>What <see cref="StoreOperation"/> does.</summary>
internal enum OperationKind : byte
{
    Nothing,

    /// <summary>With a <see cref="Bpf.Layout.Handshake"/>.</summary>
    Open,

    Append,
    Release,
    Close,

    /// <summary>With a <see cref="SavedControl"/>.</summary>
    Control,

    /// <summary>With the <see cref="StoredFlow"/> that was loaded.</summary>
    Adopt,
}

/// <summary>One call of the recorder's, on its way to the server.</summary>
internal struct StoreOperation
{
    public OperationKind Kind;
    public bool Fin;
    public uint Ack;
    public long Ticket;
    public long Offset;
    public FlowId Flow;
    public Payload Payload;

    /// <summary>What the kind comes with.</summary>
    public object? Subject;
}
