namespace Relay.Admin.Identity;

/// <summary>What a token may do.</summary>
internal enum AdminRole
{
    /// <summary>See everything, change nothing.</summary>
    Viewer,

    /// <summary>See and change everything.</summary>
    Operator,

    /// <summary>Report for the nodes that the token's name fits, and nothing else.</summary>
    Node,
}

/// <summary>The names of roles, in token files, claims and policies.</summary>
internal static class AdminRoles
{
    /// <summary>See <see cref="AdminRole.Viewer"/>.</summary>
    public const string Viewer = "viewer";

    /// <summary>See <see cref="AdminRole.Operator"/>.</summary>
    public const string Operator = "operator";

    /// <summary>See <see cref="AdminRole.Node"/>.</summary>
    public const string Node = "node";

    /// <summary>Reads a name.</summary>
    public static AdminRole? TryParse(string text) =>
        Enum.GetValues<AdminRole>().Cast<AdminRole?>().FirstOrDefault(role => role!.Value.ToName() == text);

    /// <summary>The name of a role.</summary>
    public static string ToName(this AdminRole role) => role.ToString().ToLowerInvariant();
}
