namespace Relay.Node.Options;

/// <summary>The least severe lines that are logged.</summary>
internal enum NodeLogLevel
{
    /// <summary>Everything.</summary>
    Trace,

    /// <summary>What happens to single connections and tunnels.</summary>
    Debug,

    /// <summary>What happens to the node.</summary>
    Info,

    /// <summary>What an operator should look at.</summary>
    Warn,

    /// <summary>What failed.</summary>
    Error,

    /// <summary>Nothing.</summary>
    Off,
}
