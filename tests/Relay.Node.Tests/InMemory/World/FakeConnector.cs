using Relay.Node.Egress;
using Relay.Node.Io;
using Relay.Node.Targets;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Tests.InMemory.World;

/// <summary>Opens flows in memory, as the test's script says. Echoes by default.</summary>
internal sealed class FakeConnector(Simulation simulation, FakeLoop loop) : ITargetConnector
{
    /// <summary>The address and port that every target has.</summary>
    public const string NextHop = "192.0.2.1:443";

    private readonly List<(ITurnOwner Owner, Action Run)> _held = [];

    /// <summary>Fails every connection.</summary>
    public ConnectFailure? Failure { get; set; }

    /// <summary>Judges targets that are addresses, as the real one does. Null: each may be reached.</summary>
    public TargetPolicy? Policy { get; set; }

    /// <summary>Which families targets may have, where there is a policy.</summary>
    public EgressPolicy Egress { get; set; } = new(new EgressConfig());

    /// <summary>How long a connection takes; without any, the answer comes within the call.</summary>
    public ulong Delay { get; set; }

    /// <summary>Connections wait for <see cref="Release"/>.</summary>
    public bool Hold { get; set; }

    /// <summary>Prepares a new flow.</summary>
    public Action<FakeTcpFlow> SetUpTcp { get; set; } = static flow => flow.Echo = true;

    /// <summary>Prepares a new flow.</summary>
    public Action<FakeUdpFlow> SetUpUdp { get; set; } = static flow => flow.Echo = true;

    public List<FakeTcpFlow> Tcp { get; } = [];

    public List<FakeUdpFlow> Udp { get; } = [];

    public List<TargetAuthority> Targets { get; } = [];

    /// <summary>Connections that nobody waited for any more.</summary>
    public int Abandoned { get; private set; }

    public int HeldCount => _held.Count;

    public void OpenUdp(TargetAuthority target, EgressSession session, IConnectObserver<IUdpFlow> observer)
    {
        Targets.Add(target);
        Answer(() =>
        {
            if (FailureOf(target, TargetProtocol.Udp) is { } failure)
            {
                observer.OnConnectFailed(failure);
                return;
            }
            var flow = new FakeUdpFlow(simulation, loop, observer);
            SetUpUdp(flow);
            Udp.Add(flow);
            observer.OnConnected(flow, NextHop);
            flow.Start();
        }, observer, () => observer.IsWaiting);
    }

    public void OpenTcp(TargetAuthority target, EgressSession session, IConnectObserver<ITcpFlow> observer)
    {
        Targets.Add(target);
        Answer(() =>
        {
            if (FailureOf(target, TargetProtocol.Tcp) is { } failure)
            {
                observer.OnConnectFailed(failure);
                return;
            }
            var flow = new FakeTcpFlow(simulation, loop, observer);
            SetUpTcp(flow);
            Tcp.Add(flow);
            observer.OnConnected(flow, NextHop);
            flow.Start();
        }, observer, () => observer.IsWaiting);
    }

    /// <summary>Lets the connections go on that were held.</summary>
    public void Release()
    {
        var held = _held.ToArray();
        _held.Clear();
        foreach (var (owner, answer) in held)
            loop.Post(owner, answer);
    }

    private ConnectFailure? FailureOf(in TargetAuthority target, TargetProtocol protocol) =>
        Failure is null && Policy is not null && target.Address is { } address
            ? TargetConnector.Judge(Policy, Egress, address, target.Port, protocol, loop.Counters, out _) : Failure;

    // As the real one: who is answered later may not wait any more; who is answered within the call does.
    private void Answer(Action answer, ITurnOwner owner, Func<bool> isWaiting)
    {
        var later = () =>
        {
            if (isWaiting())
                answer();
            else
                Abandoned++;
        };
        if (Hold)
            _held.Add((owner, later));
        else if (Delay > 0)
            simulation.After(Delay, () => loop.Post(owner, later));
        else
            answer();
    }
}
