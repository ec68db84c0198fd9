namespace Relay.Fleet;

/// <summary>How a node reaches its coordinators.</summary>
public sealed record HttpFleetOptions
{
    /// <summary>How long one coordinator may take to answer before the next is tried.</summary>
    public TimeSpan TryTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Allows <c>http://</c> to other machines: tokens and session ids then cross the network in clear. Without it only
    /// loopback may be reached so.
    /// </summary>
    public bool AllowClearText { get; init; }

    /// <summary>From how many bytes on a report's body is compressed.</summary>
    public int CompressFrom { get; init; } = 4096;
}
