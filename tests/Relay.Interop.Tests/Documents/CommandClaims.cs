using System.Text.RegularExpressions;

namespace Relay.Interop.Tests.Documents;

/// <summary>Which test runs which command of the documents, and why some cannot be run by any.</summary>
internal static class CommandClaims
{
    /// <summary>Each by the documents and the commands that it is about.</summary>
    public static readonly Claim[] All =
    [
        new("", "^relayctl ", "DocumentationTests of Relay.Ctl.Tests"),
        new("docs/admin.md", "^api ", "GuideTests of Relay.Admin.Tests"),
        new("README.md", "^sed -i", nameof(FiveMinutesTests)),
        new("README.md", "^(certbot|lego) ", null, "no authority of certificates answers here; Tls and HttpsTests change the files"),
        new("", "^(apt install|tar -xzf) ", "PackageTests of Relay.Deploy.Tests"),
        new("", "^systemctl enable", null, "no service manager runs here; PackageTests starts what the unit says"),
        new("docs/operating.md", "", nameof(Egress.RecipeTests)),
        new("", @"^\./run\.sh", nameof(RunScriptTests)),
        new("docs/fleet.md", @"^(dotnet \$admin|redis-server|for i) ?", nameof(FleetGuideTests)),
        new("docs/identity.md", "^(openssl|relay-load)", nameof(IdentityGuideTests)),
        new("docs/clients.md", "^curl --config ", nameof(Curl.ProfileTests)),
        new("", "^relay-(node|admin) ", nameof(LineTests)),
        new("docs/deploying.md", "^kubectl (-n relayfleet(-nodes)? )?(rollout|delete|port-forward|drain|scale|get|wait|exec)", null, "no cluster runs here"),
        new("docs/deploying.md", @"^deploy/k8s/(secrets|generate)\.sh", "SettingsTests and DeployTree of Relay.Deploy.Tests"),
        new("docs/deploying.md", "^(kubectl .*(create|label|apply)|cd|printf|umask) ?", nameof(LineTests)),

        new("", @"^(\./test\.sh|dotnet build RelayFleet)", null, "it is what runs this"),
        new("", "^(eng/format.sh|dotnet format)", null, "./test.sh runs the first; the second changes files"),
        new("", "^eng/benchmark.sh", null, "it measures for an hour"),
        new("", "^eng/footprint.sh", null, "it measures for minutes"),
        new("", "^eng/carriers.sh", null, "it measures for ten minutes"),
        new("", "^eng/protection.sh", null, "it measures for half an hour"),
        new("", "^eng/profile.sh", null, "it measures for minutes"),
        new("", "^eng/tiering.sh", null, "it measures for a quarter of an hour"),
        new("", "^eng/liar.sh", null, "it measures for a quarter of an hour"),
        new("", "^eng/scale.sh", null, "it measures for half an hour; ScaleTests runs a short form"),
        new("", "^eng/faults.sh", null, "it measures for a quarter of an hour"),
        new("", "^eng/soak.sh", null, "it lasts for an hour; SoakTests runs a short form"),
        new("docs/fuzzing.md", "^dotnet tests/Relay.Abuse", null, "it lasts for minutes; HostileClientTests runs a short form"),
        new("docs/fuzzing.md", "^(eng/fuzz.sh|dotnet tests/Relay.Fuzz)", null, "it runs for minutes; CorpusTests runs its targets"),
        new("CONTRIBUTING.md", "^eng/trixie.sh", null, "./test.sh --long runs other tests by it"),
        new("CONTRIBUTING.md", "^dotnet tests/Relay.Benchmarks/", nameof(BenchmarkTests)),
        new("CONTRIBUTING.md", "^dotnet tests/", null, "the tests that it names run with all others"),
        new("docs/lifecycle.md", "^systemctl", null, "no service manager runs here; ServiceTests stands for one"),
        new("", "^docker ", null, "no engine runs here; ContainerTests runs the image's content"),
        new("docs/deploying.md", "^deploy/docker/secrets.sh", null, "it makes secrets within the repository"),
        new("docs/deploying.md", "^deploy/k8s/drain-machine.sh", null, "no cluster runs here"),
        new("docs/deploying.md", "^kustomize edit", null, "kubectl's kustomize edits nothing; OverlayTests reads the image's name"),
    ];

    /// <summary>The first that is about a command; null where none is.</summary>
    public static Claim? Of(DocumentedCommand command) => Array.Find(All, claim => claim.IsAbout(command));
}

/// <summary>What becomes of some commands.</summary>
/// <param name="Document">Where they are; empty for all documents.</param>
/// <param name="Pattern">What they look like.</param>
/// <param name="Test">The test that runs them; null for none.</param>
/// <param name="Reason">Why there is none.</param>
internal sealed record Claim(string Document, string Pattern, string? Test, string? Reason = null)
{
    public bool IsAbout(DocumentedCommand command) =>
        (Document.Length == 0 || Document == command.Document) && Regex.IsMatch(command.Text, Pattern);
}
