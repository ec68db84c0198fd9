using Relay.Node.Sessions;

namespace Relay.Node.Tests.Options;

public class CertificateOptionTests
{
    private readonly CommandLineRun _run = new CommandLineRun().WithFile("roots.pem", "x").WithFile("crl.pem", "x");

    [Fact]
    public void Parse_ByDefault_TakesWhatWasSignedDirectly_ByItsHash()
    {
        var config = _run.Config("--client-auth-root-cert-path", "roots.pem");
        Assert.Equal(
            (false, null, CertificateNames.Fingerprint),
            (config.ClientAuthChain, config.ClientAuthCrlPath, config.ClientAuthIdentity));
    }

    [Fact]
    public void Parse_EveryOption_IsBound()
    {
        var config = _run.Config(
            "--client-auth-root-cert-path", "roots.pem", "--client-auth-chain", "--client-auth-crl-path", "crl.pem",
            "--client-auth-identity", "email");
        Assert.Equal(
            (true, "crl.pem", CertificateNames.Email),
            (config.ClientAuthChain, config.ClientAuthCrlPath, config.ClientAuthIdentity));
    }

    [Fact]
    public void Parse_WithoutAuthorities_IsOfNoUse() => _run.Fails(
        ["--client-auth-chain", "--client-auth-crl-path", "crl.pem", "--client-auth-identity", "dns"],
        "--client-auth-chain: of no use without --client-auth-root-cert-path",
        "--client-auth-crl-path: of no use without --client-auth-root-cert-path",
        "--client-auth-identity: of no use without --client-auth-root-cert-path");

    [Fact]
    public void Parse_WhatCannotBe_IsNamed() => _run.Fails(
        ["--client-auth-root-cert-path", "roots.pem", "--client-auth-crl-path", "gone", "--client-auth-identity", "serial"],
        "--client-auth-crl-path: 'gone' does not exist",
        "--client-auth-identity: 'serial' is not one of fingerprint, email, dns, uri");
}
