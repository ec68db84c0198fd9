namespace Relay.Fleet.Contract;

/// <summary>A fleet that runs in this process. Disposing it leaves the cluster in order.</summary>
public interface IFleetHost : IAsyncDisposable
{
    /// <summary>The fleet.</summary>
    IFleet Fleet { get; }

    /// <summary>Completes with the failure when the fleet's host ends on its own.</summary>
    Task Failed { get; }

    /// <summary>Reads the files that it was made of again, as on SIGHUP.</summary>
    void Reload()
    {
        // Most are made of none.
    }
}
