using System.Diagnostics.CodeAnalysis;
using Relay.Hosting.Credentials;

namespace Relay.Admin.Identity;

/// <summary>A bearer token at rest, as a line of a token file: <c>NAME:ROLE:sha256$HEX</c>.</summary>
/// <param name="Name">Whose it is; of role node the node's id, or a pattern that ends in <c>*</c>.</param>
/// <param name="Role">What it may do.</param>
/// <param name="Hash">The hash of it.</param>
internal sealed record AdminToken(string Name, AdminRole Role, TokenHash Hash)
{
    /// <summary>Whether it is one of many nodes.</summary>
    public bool IsPattern => Role == AdminRole.Node && Name.EndsWith('*');

    /// <summary>Whether it may speak for a node.</summary>
    public bool FitsNode(string node) => Role == AdminRole.Node
        && (IsPattern ? node.StartsWith(Name[..^1], StringComparison.Ordinal) : node == Name);

    /// <summary>Reads a line.</summary>
    /// <param name="line">The line, without spaces around it.</param>
    /// <param name="token">The token.</param>
    /// <param name="error">Otherwise what is wrong; never a part of a hash.</param>
    public static bool TryParse(
        string line, [NotNullWhen(true)] out AdminToken? token, [NotNullWhen(false)] out string? error)
    {
        token = null;
        var parts = line.Split(':', 3);
        if (parts.Length != 3)
            error = "expected NAME:ROLE:sha256$HEX";
        else if (!CredentialLine.IsName(parts[0]))
            error = $"expected a name of 1 to {CredentialLine.MaxName} visible ASCII characters without a colon";
        else if (AdminRoles.TryParse(parts[1]) is not { } role)
            error = $"{parts[0]}: the role is none of viewer, operator, node";
        else if (PatternFault(parts[0], role) is { } fault)
            error = $"{parts[0]}: {fault}";
        else if (!TokenHash.TryParse(parts[2], out var hash, out var hashError))
            error = $"{parts[0]}: {hashError}";
        else
        {
            token = new AdminToken(parts[0], role, hash);
            error = null;
        }
        return error is null;
    }

    /// <summary>What stands against a name for a role; null for nothing.</summary>
    public static string? PatternFault(string name, AdminRole role)
    {
        var star = name.IndexOf('*', StringComparison.Ordinal);
        if (role != AdminRole.Node)
            return star < 0 ? null : "only a node's name may be a pattern";
        return star < 0 || star == name.Length - 1 ? null : "a pattern has one *, at its end";
    }
}
