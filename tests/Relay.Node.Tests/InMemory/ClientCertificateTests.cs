using Relay.Native;
using Relay.Native.Quic;
using Relay.Native.Tls;
using Relay.Node.Counters;
using Relay.Node.Sessions;
using Relay.Protocol;

namespace Relay.Node.Tests.InMemory;

public class ClientCertificateTests : InMemoryTests
{
    private const ulong BadCertificate = 0x100 + 42;
    private const ulong CertificateRequired = 0x100 + 116;

    private static readonly ClientAuthority Root = new();

    [Fact]
    public void Certificate_SignedByTheRoot_IsTheSessionsIdentity()
    {
        var network = Asking(Root);
        network.Establish(new ClientSettings { Tls = Root.Client(null, out var sha256) });
        var identity = network.Node.Client.Identity;
        Assert.Equal(new SessionIdentity(IdentityKind.Certificate, sha256), identity);
        Assert.Equal($"certificate:{sha256}", identity.ToString());
    }

    [Fact]
    public void Certificate_OfAnyOfSeveralRoots_IsAccepted()
    {
        var second = new ClientAuthority("Second");
        var network = Asking(Root, second);
        network.Establish(new ClientSettings { Tls = second.Client() });
        Assert.Equal(IdentityKind.Certificate, network.Node.Client.Identity.Kind);
    }

    [Fact]
    public void Certificate_WithoutRestrictions_IsAccepted()
    {
        var network = Asking(Root);
        network.Establish(new ClientSettings { Tls = Root.Client(new Leaf { Usage = null, Purpose = null }) });
    }

    // 64 KiB is what is taken of a client's TLS messages.
    [Theory]
    [InlineData(20_000)]
    [InlineData(60_000)]
    public void Certificate_LargerThanAnyoneHas_IsAccepted(int padding)
    {
        var network = Asking(Root);
        network.Establish(new ClientSettings { Tls = Root.Client(new Leaf { Padding = padding }) });
        Assert.Equal(IdentityKind.Certificate, network.Node.Client.Identity.Kind);
    }

    [Fact]
    public void Certificate_LargerThan64KiB_FailsTheHandshake()
    {
        var network = Asking(Root);
        network.AddClient(new ClientSettings { Tls = Root.Client(new Leaf { Padding = 70_000 }) });
        Assert.True(network.Run(() => network.Node.Closed.Count == 1));
        Assert.Equal((CloseKind.Transport, QuicTransportError.CryptoBufferExceeded), (network.Node.Closed[0].Kind, network.Node.Closed[0].Code));
    }

    [Fact]
    public void Certificate_NotAskedFor_LeavesTheSessionAnonymous()
    {
        var network = Start();
        network.Establish(new ClientSettings { Tls = Root.Client() });
        Assert.Same(SessionIdentity.Anonymous, network.Node.Client.Identity);
    }

    [Fact]
    public void Certificate_None_FailsTheHandshake() => Fails(TestIdentity.Client, CertificateRequired);

    [Fact]
    public void Certificate_OfAnotherAuthority_FailsTheHandshake() => Fails(new ClientAuthority("Other").Client());

    [Fact]
    public void Certificate_OfAnAuthorityOfTheSameName_FailsTheHandshake() => Fails(new ClientAuthority().Client());

    [Fact]
    public void Certificate_OfAnIntermediate_FailsTheHandshake() =>
        Fails(new ClientAuthority("Intermediate", Root).Client());

    [Fact]
    public void Certificate_OfAnIntermediateInTheFile_IsAccepted()
    {
        var intermediate = new ClientAuthority("Intermediate", Root);
        var network = Asking(intermediate);
        network.Establish(new ClientSettings { Tls = intermediate.Client() });
    }

    [Fact]
    public void Certificate_TheIntermediatesOwn_FailsTheHandshake() =>
        Fails(new ClientAuthority("Intermediate", Root).AsClient());

    [Fact]
    public void Certificate_TheRootsOwn_FailsTheHandshake() => Fails(Root.AsClient());

    [Fact]
    public void Certificate_InTheFileItself_FailsTheHandshake()
    {
        var client = Root.Client(null, out _, out var pem);
        Fails(client, TestIdentity.ServerTrusting(pem));
    }

    [Fact]
    public void Certificate_Expired_FailsTheHandshake() => Fails(Root.Client(new Leaf
    {
        From = TimeSpan.FromDays(-2),
        To = TimeSpan.FromMinutes(-5),
    }));

    [Fact]
    public void Certificate_NotYetValid_FailsTheHandshake() =>
        Fails(Root.Client(new Leaf { From = TimeSpan.FromMinutes(5) }));

    [Fact]
    public void Certificate_ForServersOnly_FailsTheHandshake() =>
        Fails(Root.Client(new Leaf { Purpose = ClientAuthority.ServerAuthentication }));

    [Fact]
    public void Certificate_ReplacedRoots_CountForNewConnectionsOnly()
    {
        var next = new ClientAuthority("Next");
        var (network, first) = Asking(Root).WithClient(new ClientSettings { Tls = Root.Client() });
        var old = network.Node.State.Identity;
        network.Node.State.Identity = new Relay.Node.Streams.ServerIdentity(TestIdentity.ServerFor(next));
        old.Tls.Dispose();
        network.AddClient(new ClientSettings { Tls = Root.Client() });
        Assert.True(network.Run(() => network.Node.Closed.Count == 1));
        Assert.Equal(BadCertificate, network.Node.Closed[0].Code);
        network.Establish(new ClientSettings { Tls = next.Client() });
        network.Answered(first.Connect());
    }

    [Fact]
    public void Roots_WithoutACertificate_AreRefused() =>
        Assert.Throws<TlsException>(() => TlsContext.CreateClient("no certificate\n"u8, verifyPeer: true));

    private Network Asking(params ReadOnlySpan<ClientAuthority> roots) =>
        Start(new NodeSettings { Tls = TestIdentity.ServerFor(roots) });

    private void Fails(TlsContext client, ulong alert = BadCertificate) =>
        Fails(client, TestIdentity.ServerFor(Root), alert);

    private void Fails(TlsContext client, TlsContext server, ulong alert = BadCertificate)
    {
        var network = Start(new NodeSettings { Tls = server });
        network.AddClient(new ClientSettings { Tls = client });
        Assert.True(network.Run(() => network.Node.Closed.Count == 1));
        var reason = network.Node.Closed[0];
        Assert.Equal(CloseKind.Transport, reason.Kind);
        Assert.Equal(alert, reason.Code);
        Assert.Equal(1, network.Node.Loop.Counters.AuthFailures[(int)AuthenticationKind.Certificate]);
        Assert.Equal(1, network.Node.Loop.Counters.HandshakesFailed);
    }
}
