namespace Relay.Node.Io;

/// <summary>Has something to send in the loop's flush phase.</summary>
internal interface IFlushable : IOwned
{
    /// <summary>
    /// Whether it gathers over the whole turn, so that one call sends much: then what is sent while it is in the cache
    /// leaves it out.
    /// </summary>
    bool GathersOverTurn { get; }

    /// <summary>Sends what waits.</summary>
    void Flush();
}
