namespace Relay.Load.Workloads;

/// <summary>What a flood does, in either direction.</summary>
internal sealed record FloodOptions : DatagramOptions
{
    /// <summary>Datagrams a second that each flow of the target sends; 0 for as many as it can. Down only.</summary>
    public long Rate { get; init; }
}
