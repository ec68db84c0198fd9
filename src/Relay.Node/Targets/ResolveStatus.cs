namespace Relay.Node.Targets;

/// <summary>How the resolution of a name ended.</summary>
internal enum ResolveStatus
{
    /// <summary>There is at least one address.</summary>
    Success,

    /// <summary>The name does not exist (NXDOMAIN) or has no addresses (NODATA).</summary>
    NotFound,

    /// <summary>No answer that settles it: a server failed or could not be asked. A later attempt may succeed.</summary>
    TemporaryFailure,

    /// <summary>No answer within the time that the caller, or the resolver, waits.</summary>
    Timeout,

    /// <summary>Too many lookups are under way; this one was not begun.</summary>
    Overloaded,
}
