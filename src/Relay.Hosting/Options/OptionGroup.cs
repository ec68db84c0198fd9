namespace Relay.Hosting.Options;

/// <summary>The heading under which <c>--help</c> lists an option, in the order of the text.</summary>
public enum OptionGroup
{
    /// <summary>Where the node listens.</summary>
    Listening,

    /// <summary>Its certificate.</summary>
    Tls,

    /// <summary>Who may use it.</summary>
    Clients,

    /// <summary>What tunnels may reach.</summary>
    Targets,

    /// <summary>From where targets are reached.</summary>
    Egress,

    /// <summary>How many of something there may be.</summary>
    Limits,

    /// <summary>How long something may take.</summary>
    Timeouts,

    /// <summary>The fleet that the node is a part of.</summary>
    Fleet,

    /// <summary>The process itself.</summary>
    Process,
}
