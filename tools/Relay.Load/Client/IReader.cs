namespace Relay.Load.Client;

/// <summary>What has bytes to read, and waits for its turn.</summary>
internal interface IReader
{
    /// <summary>Waits in the loop's list; kept by the loop.</summary>
    bool Queued { get; set; }

    /// <summary>Reads some of what there is, and asks for another turn where there is more.</summary>
    void ReadTurn();
}
