namespace Relay.Node.Egress;

/// <summary>For how long a source address that was chosen from a prefix is used.</summary>
internal enum EgressSelection
{
    /// <summary>One address for each session and family.</summary>
    Session,

    /// <summary>One address for each tunnel.</summary>
    Tunnel,
}
