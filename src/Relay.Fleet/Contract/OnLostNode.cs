using System.Text.Json.Serialization;

namespace Relay.Fleet.Contract;

/// <summary>
/// What a drain does about the place in the budget of a node that was lost in its turn and has gone away, or was
/// undrained then.
/// </summary>
[JsonConverter(typeof(CamelCaseEnum<OnLostNode>))]
public enum OnLostNode
{
    /// <summary>Another node has the place as soon as this one has been gone for the node timeout.</summary>
    Continue,

    /// <summary>The place is kept for the return time (<see cref="FleetTimings.ReturnTime"/>).</summary>
    Wait,
}
