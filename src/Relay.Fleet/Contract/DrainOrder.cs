using System.Text.Json.Serialization;

namespace Relay.Fleet.Contract;

/// <summary>How a node is drained.</summary>
[JsonConverter(typeof(CamelCaseEnum<DrainMode>))]
public enum DrainMode
{
    /// <summary>Lame first, then GOAWAY; open tunnels run until they end or the deadline comes.</summary>
    Gradual,

    /// <summary>GOAWAY at once, without a lame time; open tunnels run until they end or the deadline comes.</summary>
    Immediate,
}

/// <summary>A drain that a node is ordered to carry out.</summary>
/// <param name="Id">The operation. The same id again continues; another one begins anew.</param>
/// <param name="Mode">How.</param>
/// <param name="LameMilliseconds">How long it still accepts.</param>
/// <param name="RemainingMilliseconds">Until what is left is ended by force; 0 for now.</param>
/// <param name="Reason">Why, for its log.</param>
public sealed record DrainOrder(
    string Id, DrainMode Mode, long LameMilliseconds, long RemainingMilliseconds, string Reason)
{
    /// <summary>The same order a while later: its times have run down.</summary>
    public DrainOrder After(TimeSpan passed)
    {
        var milliseconds = (long)passed.TotalMilliseconds;
        return this with
        {
            LameMilliseconds = Math.Max(0, LameMilliseconds - milliseconds),
            RemainingMilliseconds = Math.Max(0, RemainingMilliseconds - milliseconds),
        };
    }
}

/// <summary>How a drain goes on its node.</summary>
/// <param name="Id">The operation.</param>
/// <param name="TunnelsAtStart">Tunnels that were open when it stopped to accept.</param>
/// <param name="TunnelsLeft">Tunnels that are open now.</param>
/// <param name="Finished">Tunnels that ended of themselves.</param>
/// <param name="ForceClosed">Tunnels ended by the deadline.</param>
public sealed record NodeDrainProgress(
    string Id, long TunnelsAtStart, long TunnelsLeft, long Finished, long ForceClosed);
