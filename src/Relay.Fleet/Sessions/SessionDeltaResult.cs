namespace Relay.Fleet.Sessions;

/// <summary>What became of a delta.</summary>
public enum SessionDeltaResult
{
    /// <summary>It told nothing that was not known.</summary>
    Unchanged,

    /// <summary>It was applied.</summary>
    Applied,

    /// <summary>Something before it is missing: the node has to begin anew with all of its sessions.</summary>
    Gap,
}
