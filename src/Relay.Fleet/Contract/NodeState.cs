using System.Text.Json.Serialization;

namespace Relay.Fleet.Contract;

/// <summary>
/// Where a node is in its life. Serving → Lame → Draining → Drained, and back to Serving from any of them.
/// </summary>
[JsonConverter(typeof(CamelCaseEnum<NodeState>))]
public enum NodeState
{
    /// <summary>Not ready: it waits for a lease, or has just begun.</summary>
    Starting,

    /// <summary>Takes connections and tunnels.</summary>
    Serving,

    /// <summary>Says that it is not ready, but still accepts: load balancers notice first.</summary>
    Lame,

    /// <summary>GOAWAY sent; new connections and tunnels are refused; open tunnels run.</summary>
    Draining,

    /// <summary>No tunnel is left.</summary>
    Drained,

    /// <summary>Has not reported for the node timeout, or is quarantined. Said by the fleet, never by a node.</summary>
    Silent,
}
