namespace Relay.Fleet.Contract;

/// <summary>Where a list of a fleet's sessions goes on: after a session of a node, in order of both.</summary>
public static class SessionCursor
{
    /// <summary>The place after a session.</summary>
    public static string Of(SessionRecord last) => $"{last.Node}/{last.Id}";

    /// <summary>
    /// The node and the session after which to go on; null, or a text that is none, is the beginning.
    /// </summary>
    public static (string? Node, string? Session) Parse(string? cursor) =>
        cursor?.Split('/') is [var node, var session] ? (node, session) : (null, null);
}
