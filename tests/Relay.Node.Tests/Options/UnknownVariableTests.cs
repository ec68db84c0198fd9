using Relay.Hosting.Options;
using Relay.Node.Options;

namespace Relay.Node.Tests.Options;

/// <summary>Variables that begin with RELAY_ and are of no option: told of, but for those that are known to be others'.</summary>
public sealed class UnknownVariableTests
{
    [Fact]
    public void Misspelt_IsTold_WithWhatMayBeMeant() => Assert.Equal(
        [
            "environment variable RELAY_GREETING: of no option",
            "environment variable RELAY_WORKRES: of no option: did you mean RELAY_WORKERS?",
        ],
        Find("RELAY_WORKRES", "RELAY_GREETING", "RELAY_WORKERS", "PATH"));

    // What kubelet sets for a service relay-admin with a port named https, in every pod of its namespace.
    [Fact]
    public void ServiceLinks_AreOthers() => Assert.Empty(Find(
        "RELAY_ADMIN_SERVICE_HOST", "RELAY_ADMIN_SERVICE_PORT", "RELAY_ADMIN_SERVICE_PORT_HTTPS", "RELAY_ADMIN_PORT",
        "RELAY_ADMIN_PORT_8480_TCP", "RELAY_ADMIN_PORT_8480_TCP_PROTO", "RELAY_ADMIN_PORT_8480_TCP_PORT",
        "RELAY_ADMIN_PORT_8480_TCP_ADDR", "RELAY_SERVICE_HOST", "RELAY_PORT_443_UDP_ADDR"));

    [Theory]
    [InlineData("RELAY_ADMIN_PORT")]
    [InlineData("RELAY_ADMIN_PORT_8480_TCP_ADDR")]
    public void LikeALink_OfNoService_IsTold(string name) => Assert.Single(Find(name, "OTHER_SERVICE_HOST"));

    [Theory]
    [InlineData("RELAY_ADMIN_ADRESS")]
    [InlineData("RELAY_ADMIN_PORT_HTTP")]
    public void BesideAService_WhatIsNoneOfItsLinks_IsTold(string name) => Assert.Single(Find(name, "RELAY_ADMIN_SERVICE_HOST"));

    [Fact]
    public void Relayctls_AreKnown() => Assert.Empty(Find("RELAY_ADMIN_URL", "RELAY_ADMIN_TOKEN"));

    [Fact]
    public void Names_OfWhateverKind_AreOneLineEach_AndNotWithoutEnd()
    {
        Assert.Equal(["environment variable RELAY_A?B: of no option"], Find("RELAY_A\nB"));
        var many = Find([.. Enumerable.Range(0, 1000).Select(static number => $"RELAY_X{number:d4}")]);
        Assert.Equal(9, many.Count);
        Assert.Equal("environment: 992 more variables that begin with RELAY_ are of no option", many[^1]);
    }

    [Fact]
    public void CheckConfig_Warns_AndIsContent()
    {
        var run = new CommandLineRun().With("RELAY_WORKRES", "2").With("RELAY_ADMIN_SERVICE_HOST", "10.0.0.1").With("RELAY_ADMIN_PORT", "tcp://10.0.0.1:8480");
        var result = run.ParseMore("--check-config");
        Assert.Equal(0, result.ExitCode);
        Assert.Equal("configuration ok", run.Output.Trim());
        Assert.Equal(
            "relay-node: warning: environment variable RELAY_WORKRES: of no option: did you mean RELAY_WORKERS?", Assert.Single(run.Errors));
    }

    private static IReadOnlyList<string> Find(params string[] names) => UnknownVariables.Find(
        OptionCatalog.Program, names.ToDictionary(static name => name, static _ => "1", StringComparer.Ordinal));
}
