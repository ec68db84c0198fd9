namespace Relay.Admin;

/// <summary>
/// The cluster whose API server says which node a pod's token is of. Each pod of some service accounts speaks for the node that has
/// the name of its machine. Immutable.
/// </summary>
public sealed record KubernetesConfig
{
    /// <summary>Where the kubelet puts what a pod needs to speak to the API server.</summary>
    public const string UsualFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>Whom tokens must be for, where no other name is given.</summary>
    public const string UsualAudience = "relayfleet";

    /// <summary>The API server.</summary>
    public required Uri Server { get; init; }

    /// <summary>The nodes' service accounts, each as <c>NAMESPACE:NAME</c>.</summary>
    public required IReadOnlyList<string> Accounts { get; init; }

    /// <summary>Whom a token must be for: one that is for the API server, or for others, is refused.</summary>
    public string Audience { get; init; } = UsualAudience;

    /// <summary>Has <c>token</c>, by which reviews are asked for, and <c>ca.crt</c>; both may be replaced at any time.</summary>
    public string Folder { get; init; } = UsualFolder;

    /// <summary>What stands against a user of the API server as one of the accounts; null for nothing.</summary>
    /// <param name="user">What the API server calls it.</param>
    /// <param name="shown">The same, as it may be told.</param>
    internal string? FaultOf(string? user, string? shown)
    {
        string[] names = [.. Accounts.Select(static one => $"system:serviceaccount:{one}")];
        return names.Contains(user, StringComparer.Ordinal) ? null : $"its account is {shown}, not '{string.Join("' or '", names)}'";
    }
}
