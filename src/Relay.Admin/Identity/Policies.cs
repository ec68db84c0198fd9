using Microsoft.AspNetCore.Authorization;

namespace Relay.Admin.Identity;

/// <summary>What a route asks of its caller. A route that says nothing asks for <see cref="Viewer"/>.</summary>
internal static class Policies
{
    /// <summary>How a caller is known: by a bearer token.</summary>
    public const string Scheme = "Bearer";

    /// <summary>Sees.</summary>
    public const string Viewer = AdminRoles.Viewer;

    /// <summary>Changes.</summary>
    public const string Operator = AdminRoles.Operator;

    /// <summary>Reports for a node.</summary>
    public const string Node = AdminRoles.Node;

    /// <summary>Changes, or speaks for a node: the route looks for which.</summary>
    public const string OperatorOrNode = AdminRoles.Operator + "-or-" + AdminRoles.Node;

    /// <summary>Sees, or speaks for a node: the route looks for which.</summary>
    public const string ViewerOrNode = AdminRoles.Viewer + "-or-" + AdminRoles.Node;

    /// <summary>Defines them.</summary>
    public static void Configure(AuthorizationOptions options)
    {
        foreach (var role in (string[])[Viewer, Operator, Node])
            options.AddPolicy(role, Of(role));
        options.AddPolicy(OperatorOrNode, Of(Operator, Node));
        options.AddPolicy(ViewerOrNode, Of(Viewer, Node));
        options.FallbackPolicy = Of(Viewer);
    }

    private static AuthorizationPolicy Of(params string[] roles) =>
        new AuthorizationPolicyBuilder(Policies.Scheme).RequireRole(roles).Build();
}
