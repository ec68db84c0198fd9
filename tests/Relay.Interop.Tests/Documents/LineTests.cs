using System.Text.RegularExpressions;
using Relay.Protocol;

namespace Relay.Interop.Tests.Documents;

/// <summary>
/// Commands that are done at once: each as it stands, but that what would go on only examines its options, and what would
/// ask a cluster says what it would ask for.
/// </summary>
public sealed partial class LineTests
{
    public static TheoryData<string> Documents => [.. DocumentedCommand.All().Where(IsOurs)
        .Select(static command => command.Document).Distinct()];

    [Theory]
    [MemberData(nameof(Documents))]
    public async Task Lines_OfADocument_OneAfterTheOther_Succeed(string document)
    {
        if (document == "docs/deploying.md")
            InstalledProgram.Require("kubectl", "kubernetes-client");
        using var folder = new ReadersFolder();
        folder.Write("node.yaml", "apiVersion: v1\nkind: Node\nmetadata:\n  name: machine\n");
        folder.Write("node-token", "a-token-of-a-node-0123456789");
        if (document == "docs/deploying.md")
            folder.Write("tokens", "operator:operator:sha256$00\n");
        var place = ".";
        // A file of tokens comes before whatever reads it, though a guide may tell of it later.
        foreach (var command in DocumentedCommand.All().Where(command => command.Document == document && IsOurs(command))
            .OrderByDescending(static command => command.Text.Contains(" >> ", StringComparison.Ordinal)))
        {
            if (command.Text.StartsWith("cd ", StringComparison.Ordinal))
            {
                place = Repository.PathOf(command.Text[3..]);
                continue;
            }
            var output = await folder.RunAsync($"cd {place}\n{Prepare(command.Text)}");
            if (command.Text.StartsWith("printf", StringComparison.Ordinal))
                Assert.Equal($"{ConnectionIdLayout.NodeIdOf("NODE-ID"):x4}", output);
            if (command.Text.Contains(" >> ", StringComparison.Ordinal))
                Assert.Matches(@"^\S{22,}$", output);
            if (command.Text.Contains("kubectl apply", StringComparison.Ordinal))
                Assert.Contains(
                    place.EndsWith("coordinators", StringComparison.Ordinal) ? "kind: Deployment" : "kind: DaemonSet", output,
                    StringComparison.Ordinal);
        }
    }

    private static bool IsOurs(DocumentedCommand command) => CommandClaims.Of(command)?.Test == nameof(LineTests);

    private static string Prepare(string command)
    {
        var line = Comment().Replace(command, "").TrimEnd();
        if (line.Contains("hash-password", StringComparison.Ordinal))
            return $"{line} <<< 'a password of somebody'";
        if (Server().IsMatch(line))
            return line
                .Replace("relay-node …", "relay-node -a 127.0.0.1:4433 --tls-cert-path cert.pem --tls-private-key-path key.pem --fleet local", StringComparison.Ordinal)
                .Replace("--redis …", "--redis 127.0.0.1:6379", StringComparison.Ordinal)
                .Replace("local|silo …", "local", StringComparison.Ordinal)
                .Replace("/etc/relay-node/announce", "/bin/true", StringComparison.Ordinal) + " --check-config";
        return line
            .Replace("kubectl label node MACHINE", "kubectl label --local -f node.yaml -o yaml", StringComparison.Ordinal)
            .Replace(" --force-conflicts", "", StringComparison.Ordinal)
            .Replace("kubectl apply --server-side -k", "kubectl kustomize", StringComparison.Ordinal)
            + (line.Contains(" create ", StringComparison.Ordinal) ? " --dry-run=client -o yaml" : "");
    }

    [GeneratedRegex(" +# .*$", RegexOptions.Multiline)]
    private static partial Regex Comment();

    /// <summary>Starts something, in place of a verb or a question.</summary>
    [GeneratedRegex("^relay-(node|admin) (?!hash-|--help|--version)")]
    private static partial Regex Server();
}
