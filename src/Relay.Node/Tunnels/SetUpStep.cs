namespace Relay.Node.Tunnels;

/// <summary>What setting up a tunnel consists of, in this order.</summary>
internal enum SetUpStep
{
    /// <summary>The target's name is looked up; a literal address needs no such step.</summary>
    Resolve,

    /// <summary>Its addresses are judged.</summary>
    Policy,

    /// <summary>A socket is opened, and for TCP connected.</summary>
    Connect,

    /// <summary>The tunnel is open, and the target has not said anything.</summary>
    FirstByte,
}
