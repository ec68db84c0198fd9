using System.Net;
using Relay.Fleet.Contract;

namespace Relay.Fleet.Http;

/// <summary>How a node reaches its coordinators.</summary>
public sealed record HttpFleetOptions
{
    /// <summary>How long one address of a coordinator may take to answer before the next is tried.</summary>
    public TimeSpan TryTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How long all tries of a report may take. Below <see cref="FleetTimings.HolderMargin"/>: an answer that is older
    /// than that must not be used.
    /// </summary>
    public TimeSpan TotalTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Allows <c>http://</c> to other machines: tokens and session ids then cross the network in clear. Without it only
    /// loopback may be reached so.
    /// </summary>
    public bool AllowClearText { get; init; }

    /// <summary>
    /// Looks up a coordinator's name; each of its addresses is tried then, with its certificate checked for the name. Null
    /// leaves the name to the handler, which stays with the first address that takes a connection.
    /// </summary>
    public Func<string, Task<IPAddress[]>>? Resolve { get; init; }

    /// <summary>From how many bytes on a report is compressed, for coordinators that take it so.</summary>
    public int CompressFrom { get; init; } = 16 * 1024;
}
