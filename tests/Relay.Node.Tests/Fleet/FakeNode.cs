using Relay.Fleet.Contract;
using Relay.Node.Credentials;
using Relay.Node.Egress;
using Relay.Node.Fleet;
using Relay.Node.Options;
using Relay.Node.Sessions;
using Relay.Node.Tests.Identity;
using Relay.Node.Users;

namespace Relay.Node.Tests.Fleet;

/// <summary>A node without loops, and its link to a fleet that the test plays.</summary>
internal sealed class FakeNode : INodeReadings, IDrainTarget, ILeasedEgress, IAsyncDisposable
{
    /// <param name="config">Its part in the fleet.</param>
    /// <param name="usersFile">Where it keeps the fleet's users; null where it takes none.</param>
    public FakeNode(FleetConfig? config = null, string? usersFile = null)
    {
        Authenticator = new Authenticator(
            usersFile is null ? null : new CredentialSet(null, null, takesUsers: true), new ManualQueue(), Clock);
        Users = usersFile is null ? null : UserHolder.Open(
            new("--users-file", usersFile), TimeSpan.FromHours(24), Clock, boot: null, Authenticator.Use, Log);
        var node = new NodeConfig
        {
            Addresses = [IPEndPoint.Parse("192.0.2.1:443")],
            TlsCertPath = "",
            TlsPrivateKeyPath = "",
            Fleet = config ?? new FleetConfig { Mode = FleetMode.Local, NodeId = "edge-1" },
        };
        Journal = new SessionJournal(Clock, node.Fleet.NodeId);
        Sessions = new FakeSessions(Journal);
        Drain = new NodeDrain(this, Clock, Log);
        Leases = new LeaseHolder(node.Fleet, node.Egress, this, hook: null, Clock, Log) { IsUsed = static _ => false };
        Link = new FleetLink(Fleet, new FleetParts
        {
            Writer = new ReportWriter(node, this, "1.2.3", Clock),
            Sessions = Journal,
            Drain = Drain,
            Leases = Leases,
            Allowances = new IdentityAllowances(Identities, Clock),
            Quotas = new MonthQuotas(Identities, Clock),
            Users = Users,
            OnNamed = reason => NotNamed = reason,
            OnReportAnswered = () => Answers++,
            OnReportFailed = () => Failures++,
        }, Clock, new Random(1), Log);
    }

    public ManualTime Clock { get; } = new();

    public FakeFleet Fleet { get; } = new();

    public RecordingLog Log { get; } = new();

    public SessionJournal Journal { get; }

    public FakeSessions Sessions { get; }

    public NodeDrain Drain { get; }

    public LeaseHolder Leases { get; }

    public FleetLink Link { get; }

    /// <summary>Asks for the fleet's users, where it takes any.</summary>
    public Authenticator Authenticator { get; }

    public UserHolder? Users { get; }

    public int Failures { get; private set; }

    /// <summary>Reports that who decides has answered.</summary>
    public int Answers { get; private set; }

    /// <summary>Why the node may not serve under its name.</summary>
    public string? NotNamed { get; private set; } = "not asked";

    public IReadOnlyList<IPEndPoint> Addresses { get; init; } = [IPEndPoint.Parse("192.0.2.1:443")];

    public IdentityTable Identities { get; } = new();

    public bool IsOpenRelay { get; set; }

    public Distribution Rtt { get; set; } = Distribution.Empty;

    public List<string> Warnings { get; } = [];

    public long Tunnels { get; set; }

    public long ForceClosedTunnels { get; private set; }

    public bool Accepts { get; private set; } = true;

    public NodeReading Read()
    {
        var rtt = Rtt;
        Rtt = Distribution.Empty;
        return new NodeReading(
            new NodeLoad { TcpTunnels = Tunnels }, new NodeTotals(), rtt, TunnelSetup: Distribution.Empty);
    }

    public IReadOnlyList<string> ReadWarnings(DateTimeOffset now) => Warnings;

    public void StopAccepting(TimeSpan time) => Accepts = false;

    public void Accept() => Accepts = true;

    public void ForceCloseTunnels() => (ForceClosedTunnels, Tunnels) = (ForceClosedTunnels + Tunnels, 0);

    public string? Prepare(Prefix prefix) => null;

    public void Offer(EgressLease lease)
    {
    }

    public void Withdraw(EgressLease lease)
    {
    }

    public Task EndAsync(EgressLease lease) => Task.CompletedTask;

    public void Forget(Prefix prefix)
    {
    }

    public async ValueTask DisposeAsync()
    {
        await Link.DisposeAsync();
        if (Users is not null)
            await Users.SettledAsync();
    }
}
