using System.Security.Cryptography.X509Certificates;
using Relay.Native.Quic;
using Relay.Native.Tls;
using Relay.Native.Trust;
using Relay.Node.Counters;
using Relay.Node.Sessions;

namespace Relay.Node.Tests.InMemory;

/// <summary>Intermediates that clients send, and lists of what is revoked, in handshakes over QUIC and over TCP.</summary>
public class ClientChainTests : InMemoryTests
{
    private static readonly ClientAuthority Root = new("Root");
    private static readonly ClientAuthority Middle = new("Middle", Root);

    [Fact]
    public void Chain_OfIntermediates_IsAccepted_AndTheLeafNamesTheSession()
    {
        var longest = new ClientAuthority("4", new ClientAuthority("3", new ClientAuthority("2", Middle)));
        foreach (var authority in new[] { Root, Middle, longest })
            Accepts(authority.Client(null, out var sha256), $"certificate:{sha256}");
    }

    [Fact]
    public void Chain_LongerThanMayBe_IsRefused()
    {
        var authority = Middle;
        for (var i = 0; i < ClientTrust.MaxChain - 1; i++)
            authority = new ClientAuthority($"{i}", authority);
        Refuses(authority.Client());
    }

    [Fact]
    public void Chain_NotAskedFor_IsRefused() => Refuses(Middle.Client(), new ClientTrust());

    [Fact]
    public void Chain_WithAGap_IsRefused() => Refuses(new ClientAuthority("2", Middle).Client(new Leaf { Sent = 2 }));

    [Fact]
    public void Chain_OfTheLeafAlone_IsRefused() => Refuses(Middle.Client(new Leaf { Sent = 1 }));

    [Fact]
    public void Chain_ToAnotherRoot_IsRefused() => Refuses(new ClientAuthority("Middle", new ClientAuthority("Root")).Client());

    [Fact]
    public void Chain_FromAnIntermediateOfTheFile_IsAccepted()
    {
        var server = TestIdentity.ServerTrusting(Middle.Pem, new ClientTrust { TakesIntermediates = true });
        Accepts(new ClientAuthority("2", Middle).Client(null, out var sha256), $"certificate:{sha256}", server);
        // Above it nobody is asked, whoever sends it and whatever lists there are.
        var listed = TestIdentity.ServerTrusting(Middle.Pem, Revoking(Middle.Revoke(), Root.Revoke()));
        foreach (var sent in (int[])[1, 2])
            Accepts(Middle.Client(new Leaf { Sent = sent }), null, listed);
    }

    /// <summary>RSA of less than 2048 bits, at whatever place.</summary>
    [Fact]
    public void Key_ThatIsTooShort_IsRefused()
    {
        var weak = new ClientAuthority("Weak", Root, ClientAuthority.Authority with { RsaBits = 1024 });
        Refuses(weak.Client());
        Refuses(Middle.Client(new Leaf { RsaBits = 1024 }));
        Refuses(Root.Client(new Leaf { RsaBits = 1024 }), new ClientTrust());
        Accepts(new ClientAuthority("Strong", Root, ClientAuthority.Authority with { RsaBits = 2048 }).Client(), null);
    }

    [Fact]
    public void Intermediate_ThatIsNoAuthority_IsRefused() =>
        Refuses(new ClientAuthority("2", Root, new Leaf { IsAuthority = false }).Client());

    [Fact]
    public void Intermediate_ThatMayNotSign_IsRefused() => Refuses(new ClientAuthority(
        "2", Root, ClientAuthority.Authority with { Usage = X509KeyUsageFlags.DigitalSignature })
        .Client());

    [Fact]
    public void Intermediate_Expired_IsRefused() => Refuses(new ClientAuthority(
        "2", Root, ClientAuthority.Authority with { To = TimeSpan.FromMinutes(-5) }).Client(new Leaf
        {
            From = TimeSpan.FromDays(-1),
            To = TimeSpan.FromMinutes(-10),
        }));

    /// <summary>RFC 5280 §4.2.1.12: the purpose of an authority's own certificate holds for what it signs.</summary>
    [Fact]
    public void Intermediate_ForServersOnly_IsRefused()
    {
        Refuses(new ClientAuthority("2", Root, ClientAuthority.Authority with { Purpose = ClientAuthority.ServerAuthentication })
            .Client());
        Accepts(new ClientAuthority("2", Root, ClientAuthority.Authority with { Purpose = ClientAuthority.ClientAuthentication })
            .Client(), null);
    }

    /// <summary>What identity.md says of certificates for any purpose: one library takes a client's, neither an intermediate's.</summary>
    [Fact]
    public void Purpose_OfAnyKind_IsTakenByGnuTlsOfClientsAlone()
    {
        var leaf = Middle.Client(new Leaf { Purpose = ClientAuthority.AnyPurpose });
        if (TestIdentity.IsOpenSsl)
            Refuses(leaf);
        else
            Accepts(leaf, null);
        Refuses(new ClientAuthority("Any", Root, ClientAuthority.Authority with { Purpose = ClientAuthority.AnyPurpose }).Client());
    }

    /// <summary>The same of an authority of the file that is for servers only.</summary>
    [Fact]
    public void Purpose_OfATrustedAuthority_CountsForOpenSsl()
    {
        var root = new ClientAuthority("Servers", null, ClientAuthority.Authority with { Purpose = ClientAuthority.ServerAuthentication });
        var server = TestIdentity.ServerTrusting(root.Pem, new ClientTrust { TakesIntermediates = true });
        if (TestIdentity.IsOpenSsl)
            Refuses(root.Client(), server);
        else
            Accepts(root.Client(), null, server);
    }

    [Fact]
    public void Intermediate_BelowOneThatMayHaveNone_IsRefused()
    {
        var last = new ClientAuthority("Last", Root, ClientAuthority.Authority with { PathLength = 0 });
        Accepts(last.Client(), null);
        Refuses(new ClientAuthority("Below", last).Client());
    }

    /// <summary>RFC 5280 §4.2.1.10: the authority of one domain names nobody of another.</summary>
    [Theory]
    [InlineData(1, "example.org", "alice@example.org", "root@example.com")]
    [InlineData(2, "example.org", "phone.example.org", "phone.example.com")]
    public void Intermediate_OfOneDomain_NamesNobodyOfAnother(int tag, string domain, string own, string other)
    {
        var authority = new ClientAuthority(
            "Constrained", Root, ClientAuthority.Authority with { Permitted = (tag, domain) });
        Accepts(authority.Client(Named(own)), null);
        Refuses(authority.Client(Named(other)));

        Leaf Named(string name) => new()
        {
            Names = names =>
            {
                if (tag == 1)
                    names.AddEmailAddress(name);
                else
                    names.AddDnsName(name);
            },
        };
    }

    /// <summary>Of URIs, GnuTLS passes over what is permitted.</summary>
    [Theory]
    [InlineData("example.org", "spiffe://example.org/a", true)]
    [InlineData("example.org", "spiffe://EXAMPLE.org/a", true)]
    [InlineData("example.org", "spiffe://a.example.org/a", false)]
    [InlineData("example.org", "spiffe://example.com/a", false)]
    [InlineData("example.org", "https://example.org@example.com/a", false)]
    [InlineData("example.org", "https://192.0.2.1/a", false)]
    [InlineData("example.org", "urn:example.org:a", false)]
    [InlineData(".example.org", "spiffe://a.example.org/a", true)]
    [InlineData(".example.org", "spiffe://example.org/a", false)]
    [InlineData(".example.org", "spiffe://anexample.org/a", false)]
    public void Intermediate_OfOneHostsUris_NamesNobodyOfAnother(string host, string uri, bool isAccepted)
    {
        var trust = new ClientTrust { TakesIntermediates = true, HeldNames = 6 };
        var authority = new ClientAuthority("Constrained", Root, ClientAuthority.Authority with { Permitted = (6, host) });
        var client = authority.Client(new Leaf { Names = names => names.AddUri(new Uri(uri)) });
        if (isAccepted)
            Accepts(client, null, Server(trust));
        else
            Refuses(client, trust);
        // Who has none is not concerned.
        Accepts(authority.Client(), null, Server(trust));
    }

    /// <summary>The names that the TLS library may let through: in another case, and where the root only excludes.</summary>
    [Theory]
    [InlineData(2, "corp.example", "CORP.example")]
    [InlineData(2, "corp.example", "phone.Corp.Example")]
    [InlineData(1, "corp.example", "root@CORP.example")]
    public void Intermediate_ThatMayNotNameSome_DoesNotInAnotherCase(int tag, string excluded, string name)
    {
        var trust = new ClientTrust { TakesIntermediates = true, HeldNames = tag };
        var authority = new ClientAuthority("Constrained", Root, ClientAuthority.Authority with { Excluded = (tag, excluded) });
        Refuses(authority.Client(new Leaf { Extensions = [ClientAuthority.NamesOf((tag, name))] }), trust);
        Accepts(authority.Client(), null, Server(trust));
    }

    [Theory]
    [InlineData(1, "a@example.org", "a@example.com")]
    [InlineData(2, "a.example.org", "a.example.com")]
    public void Intermediate_BelowARootThatExcludesOnly_IsHeldToItsOwn(int tag, string own, string other)
    {
        var root = new ClientAuthority("Excluding", null, ClientAuthority.Authority with { Excluded = (tag, "corp.example") });
        var authority = new ClientAuthority("Constrained", root, ClientAuthority.Authority with { Permitted = (tag, "example.org") });
        var server = TestIdentity.ServerTrusting(root.Pem, new ClientTrust { TakesIntermediates = true, HeldNames = tag });
        Accepts(authority.Client(new Leaf { Extensions = [ClientAuthority.NamesOf((tag, own))] }), null, server);
        Refuses(authority.Client(new Leaf { Extensions = [ClientAuthority.NamesOf((tag, other))] }), server);
    }

    /// <summary>None of them is looked at.</summary>
    [Fact]
    public void Chain_OfAHundred_IsRefused()
    {
        var authority = Middle;
        for (var i = 0; i < 100; i++)
            authority = new ClientAuthority($"{i}", authority);
        Refuses(authority.Client());
    }

    [Fact]
    public void Chain_OfLargeOnes_IsAccepted() =>
        Accepts(new ClientAuthority("Large", Root, ClientAuthority.Authority with { Padding = 50_000 }).Client(), null);

    /// <summary>Two authorities that each say the other signed them lead nowhere.</summary>
    [Fact]
    public void Chain_InACircle_IsRefused()
    {
        var above = new ClientAuthority("A", new ClientAuthority("B"));
        var below = new ClientAuthority("B", above);
        using var leaf = below.Issue(new Leaf());
        Refuses(ClientAuthority.Show(leaf, [below, above]));
    }

    [Fact]
    public void Intermediate_AsAClient_IsRefused() => Refuses(Middle.AsClient());

    [Fact]
    public void Leaf_Expired_OrNotYetValid_OrForServers_IsRefused()
    {
        Refuses(Middle.Client(new Leaf { From = TimeSpan.FromDays(-1), To = TimeSpan.FromMinutes(-5) }));
        Refuses(Middle.Client(new Leaf { From = TimeSpan.FromMinutes(5) }));
        Refuses(Middle.Client(new Leaf { Purpose = ClientAuthority.ServerAuthentication }));
    }

    [Fact]
    public void Revoked_Leaf_IsRefused_AndOthersAreNot()
    {
        var (first, second) = (Middle.Issue(new Leaf()), Middle.Issue(new Leaf()));
        var trust = Revoking(Middle.Revoke(first), Root.Revoke());
        Refuses(Middle.Show(first), trust);
        Accepts(Middle.Show(second), null, Server(trust));
        // By what the authority signed itself as well.
        var (third, fourth) = (Root.Issue(new Leaf()), Root.Issue(new Leaf()));
        trust = new ClientTrust { Revoked = RevocationLists.Read(Root.Revoke(third)) };
        Refuses(Root.Show(third), trust);
        Accepts(Root.Show(fourth), null, Server(trust));
    }

    /// <summary>step-ca's list: critical, with its address, of clients only.</summary>
    [Fact]
    public void Revoked_ByAListOfClientsOnly_SaysNothingOfAuthorities()
    {
        const string Address = "https://ca.example/1.0/crl";
        var (first, second) = (Middle.Issue(new Leaf()), Middle.Issue(new Leaf()));
        var ofMiddle = Middle.Revoke(new ClientList { Revoked = [first], Extensions = [ClientList.Scope(Address, 1)] });
        Refuses(Middle.Show(first), Revoking(ofMiddle));
        Accepts(Middle.Show(second), null, Server(Revoking(ofMiddle)));
        var ofRoot = new ClientList { Revoked = [Middle.Certificate], Extensions = [ClientList.Scope(Address, 1)] };
        Accepts(Middle.Show(second), null, Server(Revoking(ofMiddle, Root.Revoke(ofRoot))));
        // Nor does one that is over, of what it does not speak of.
        ofRoot = ofRoot with { To = TimeSpan.FromMinutes(-1) };
        Accepts(Middle.Show(second), null, Server(Revoking(ofMiddle, Root.Revoke(ofRoot))));
    }

    [Fact]
    public void Revoked_ByAListOfAuthoritiesOnly_SaysNothingOfClients()
    {
        var only = new ClientList { Extensions = [ClientList.Scope(null, 2)] };
        Refuses(Middle.Client(), Revoking(Middle.Revoke(only)));
        Accepts(Middle.Client(), null, Server(Revoking(Middle.Revoke(), Root.Revoke(only))));
        Refuses(Middle.Client(), Revoking(Middle.Revoke(), Root.Revoke(only with { Revoked = [Middle.Certificate] })));
    }

    /// <summary>RFC 5280 §6.3.3: a list of another address is of other certificates.</summary>
    [Theory]
    [InlineData(new[] { "http://ca.example/2.crl" }, true)]
    [InlineData(new[] { "http://ca.example/1.crl", "http://ca.example/2.crl" }, true)]
    [InlineData(new string[0], true)]
    [InlineData(new[] { "http://ca.example/1.crl" }, false)]
    public void Revoked_ByAListOfAnAddress_CountsForCertificatesThatNameIt(string[] addresses, bool isAccepted)
    {
        var list = Middle.Revoke(new ClientList { Extensions = [ClientList.Scope("http://ca.example/2.crl", critical: false)] });
        var client = Middle.Client(new Leaf
        {
            Extensions = addresses.Length == 0 ? [] : [CertificateRevocationListBuilder.BuildCrlDistributionPointExtension(addresses)],
        });
        if (isAccepted)
            Accepts(client, null, Server(Revoking(list)));
        else
            Refuses(client, Revoking(list));
        // One that is of all addresses is of this one too.
        Accepts(client, null, Server(Revoking(Middle.Revoke())));
    }

    [Fact]
    public void Revoked_Intermediate_IsRefused() =>
        Refuses(Middle.Client(), Revoking(Middle.Revoke(), Root.Revoke(Middle)));

    [Fact]
    public void Revoked_WithoutAListOfWhoSignedTheLeaf_NobodyIsLetIn_AndItIsSaidWhy()
    {
        var trust = Revoking(Root.Revoke());
        Refuses(Middle.Client(), trust);
        Refuses(Middle.Client(), trust);
        Assert.Equal(["there is no list of what CN=Middle has revoked"], trust.Reasons.Take(TimeSpan.Zero));
    }

    /// <summary>An offline root seldom publishes one.</summary>
    [Fact]
    public void Revoked_WithoutAListOfTheRoot_TheLeafsCounts() =>
        Accepts(Middle.Client(), null, Server(Revoking(Middle.Revoke())));

    [Fact]
    public void Revoked_ByAListThatIsOver_NobodyIsLetIn()
    {
        Refuses(Middle.Client(), Revoking(Middle.Revoke(TimeSpan.FromDays(-2), TimeSpan.FromMinutes(-1))));
        Refuses(Middle.Client(), Revoking(Middle.Revoke(), Root.Revoke(TimeSpan.FromDays(-2), TimeSpan.FromMinutes(-1))));
        Refuses(Middle.Client(), Revoking(Middle.Revoke(TimeSpan.FromDays(1), TimeSpan.FromDays(2))));
    }

    [Fact]
    public void Revoked_ByAListOfAnotherOfTheName_NobodyIsLetIn() =>
        Refuses(Middle.Client(), Revoking(new ClientAuthority("Middle", Root).Revoke()));

    /// <summary>
    /// Who has a revoked authority's key shows the certificate of the one that has its name now as well: what counts is who
    /// signed the client's certificate.
    /// </summary>
    [Fact]
    public void Revoked_Intermediate_HidesBehindNoOtherOfItsName()
    {
        var (stolen, renewed) = (new ClientAuthority("Middle", Root), new ClientAuthority("Middle", Root));
        using var leaf = stolen.Issue(new Leaf());
        var lists = Revoking(Root.Revoke(stolen), stolen.Revoke(), renewed.Revoke());
        Refuses(ClientAuthority.Show(leaf, [renewed, stolen]), lists);
        Refuses(ClientAuthority.Show(leaf, [stolen, renewed]), lists);
        Refuses(ClientAuthority.Show(leaf, [stolen]), lists);
        Accepts(renewed.Client(), null, Server(lists));
        Accepts(stolen.Client(), null, Server(Revoking(Root.Revoke(), stolen.Revoke(), renewed.Revoke())));
    }

    /// <summary>An authority with a new key and the old name: the lists of both are there, and each is held to its own.</summary>
    [Fact]
    public void Revoked_ByTheListOfAnAuthorityWithTwoKeys_IsRefused_AndOthersAreNot()
    {
        var (old, renewed) = (new ClientAuthority("Middle", Root), new ClientAuthority("Middle", Root));
        var (first, second) = (old.Issue(new Leaf()), renewed.Issue(new Leaf()));
        var lists = Revoking(old.Revoke(first), renewed.Revoke());
        Refuses(old.Show(first), lists);
        Accepts(old.Client(), null, Server(lists));
        Accepts(renewed.Show(second), null, Server(lists));
    }

    [Fact]
    public void Revoked_WhileItRuns_CountsFromTheNextHandshakeOn()
    {
        var certificate = Middle.Issue(new Leaf());
        var trust = Revoking(Middle.Revoke());
        var network = Start(new NodeSettings { Tls = Server(trust) });
        var client = network.Establish(new ClientSettings { Tls = Middle.Show(certificate) });
        trust.Revoked = RevocationLists.Read(Middle.Revoke(certificate));
        network.AddClient(new ClientSettings { Tls = Middle.Show(certificate) });
        Assert.True(network.Run(() => network.Node.Closed.Count == 1));
        network.Answered(client.Connect());
    }

    private static ClientTrust Revoking(params byte[][] lists) => new()
    {
        TakesIntermediates = true,
        Revoked = RevocationLists.Read([.. lists.SelectMany(static list => list.Append((byte)'\n'))]),
    };

    private static TlsContext Server(ClientTrust trust) => TestIdentity.ServerTrusting(Root.Pem, trust);

    private void Accepts(TlsContext client, string? identity, TlsContext? server = null)
    {
        server ??= Server(new ClientTrust { TakesIntermediates = true });
        var network = Start(new NodeSettings { Tls = server });
        network.Establish(new ClientSettings { Tls = client });
        Assert.Equal(IdentityKind.Certificate, network.Node.Client.Identity.Kind);
        if (identity is not null)
            Assert.Equal(identity, network.Node.Client.Identity.Text);
        using var pair = new Streams.TlsPair(client, server);
        Assert.Equal((0, 0), pair.Handshake());
    }

    private void Refuses(TlsContext client, ClientTrust? trust = null) =>
        Refuses(client, Server(trust ?? new ClientTrust { TakesIntermediates = true }));

    private void Refuses(TlsContext client, TlsContext server)
    {
        var network = Start(new NodeSettings { Tls = server });
        network.AddClient(new ClientSettings { Tls = client });
        Assert.True(network.Run(() => network.Node.Closed.Count == 1));
        Assert.Equal(CloseKind.Transport, network.Node.Closed[0].Kind);
        Assert.Equal(1, network.Node.Loop.Counters.AuthFailures[(int)AuthenticationKind.Certificate]);
        using var pair = new Streams.TlsPair(client, server);
        Assert.True(pair.Handshake().Server < 0);
        Assert.True(pair.Server.RefusedCertificate);
    }
}
