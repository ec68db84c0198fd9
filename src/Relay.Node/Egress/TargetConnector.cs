using System.Net;
using System.Net.Sockets;
using Relay.Native.Linux;
using Relay.Node.Counters;
using Relay.Node.Io;
using Relay.Node.Targets;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Egress;

/// <summary>
/// Opens sockets to targets. A name is resolved once, every address is checked against the policy, and a checked
/// address is what is connected to: a name cannot change its mind in between.
/// </summary>
internal sealed class TargetConnector : ITargetConnector
{
    // RFC 8305 §3: the AAAA query first, immediately followed by the A query.
    private static readonly AddressFamily[] Families = [AddressFamily.InterNetworkV6, AddressFamily.InterNetwork];
    private static readonly ConnectFailure Unroutable = new(ProxyErrorType.DestinationIpUnroutable);

    private readonly EventLoop _loop;
    private readonly ITargetResolver _resolver;
    private readonly Func<TargetPolicy> _policy;
    private readonly EgressState _egress;
    private readonly HashSet<TcpConnect> _connecting = [];
    private readonly ulong _connectTimeout;

    /// <summary>One loop's way to targets.</summary>
    /// <param name="loop">The loop.</param>
    /// <param name="resolver">Resolves off the loop.</param>
    /// <param name="policy">The policy in force.</param>
    /// <param name="egress">Families and sources.</param>
    /// <param name="connectTimeout">For resolution and connection together, in nanoseconds.</param>
    internal TargetConnector(
        EventLoop loop, ITargetResolver resolver, Func<TargetPolicy> policy, EgressState egress, ulong connectTimeout)
    {
        _loop = loop;
        _resolver = resolver;
        _policy = policy;
        _egress = egress;
        _connectTimeout = connectTimeout;
    }

    /// <summary>How a TCP target that has vanished is noticed; null: it is not.</summary>
    internal KeepAlive? KeepAlive { get; init; }

    /// <summary>Ends connections on their way that have their source in a lease. Needs no memory of its own.</summary>
    internal void EndConnecting(EgressLease lease)
    {
        // What may be removed meanwhile is what it is at.
        foreach (var connect in _connecting)
            connect.EndFrom(lease);
    }

    /// <inheritdoc/>
    public void OpenUdp(TargetAuthority target, EgressSession session, IConnectObserver<IUdpFlow> observer)
    {
        ConnectFailure? failure = null;
        Find(target, session, observer, (addresses, more) =>
        {
            if (!TryConnectUdp(addresses, target.Port, session, observer, ref failure) && !more)
                observer.OnConnectFailed(failure ?? Unroutable);
        });
    }

    /// <inheritdoc/>
    public void OpenTcp(TargetAuthority target, EgressSession session, IConnectObserver<ITcpFlow> observer)
    {
        var deadline = _loop.Now + _connectTimeout;
        TcpConnect? connect = null;
        ConnectFailure? failure = null;
        Find(target, session, observer, (addresses, more) =>
        {
            var egress = _egress.Current.Policy;
            if (connect is null && egress.IsMissing)
            {
                observer.OnConnectFailed(ConnectFailure.Limit(RefusalDetails.NoEgressLease));
                return;
            }
            if (connect is null)
                observer.OnStep(SetUpStep.Policy);
            var targets = Select(egress, addresses, target.Port, ref failure);
            if (connect is null && targets.Count > 0)
            {
                observer.OnStep(SetUpStep.Connect);
                connect = CreateConnect(session, observer, deadline);
            }
            connect?.Add(targets, more);
            if (connect is null && !more)
                observer.OnConnectFailed(failure ?? Unroutable);
        });
    }

    /// <summary>Finds the addresses of a target: at once, or in one or two parts once they are known.</summary>
    private void Find<TFlow>(
        TargetAuthority target, EgressSession session, IConnectObserver<TFlow> observer,
        Action<IReadOnlyList<IPAddress>, bool> connect)
    {
        if (target.Address is { } address)
        {
            connect([address], false);
            return;
        }
        observer.OnStep(SetUpStep.Resolve);
        new NameLookup(
            _loop,
            observer,
            (addresses, more) =>
            {
                if (observer.IsWaiting)
                    connect(addresses, more);
            },
            failure =>
            {
                if (observer.IsWaiting)
                    observer.OnConnectFailed(failure);
            }).Start(_resolver, target.Host, session.Client, [.. Families.Where(_egress.Current.Policy.Allows)]);
    }

    /// <summary>UDP has no handshake to race: the first address that policy allows and a route leads to.</summary>
    private bool TryConnectUdp(
        IReadOnlyList<IPAddress> addresses, int port, EgressSession session, IConnectObserver<IUdpFlow> observer,
        ref ConnectFailure? failure)
    {
        var egress = _egress.Current.Policy;
        if (egress.IsMissing)
        {
            failure = ConnectFailure.Limit(RefusalDetails.NoEgressLease);
            return false;
        }
        session = egress.ForTunnel(session);
        observer.OnStep(SetUpStep.Policy);
        foreach (var candidate in addresses)
        {
            if (Judge(_policy(), egress, candidate, port, TargetProtocol.Udp, _loop.Counters, out var target) is { } denied)
            {
                failure = denied;
                continue;
            }
            observer.OnStep(SetUpStep.Connect);
            var options = UdpOptions(egress, target, session);
            try
            {
                var socket = DatagramSocket.Connect(target, options);
                observer.OnConnected(new UdpFlow(_loop, socket, target, observer), target.ToString());
                return true;
            }
            catch (SocketSystemException e)
            {
                failure = FailureOf(e.Errno, target, options.Local);
            }
        }
        return false;
    }

    private static DatagramSocketOptions UdpOptions(EgressPolicy egress, IPEndPoint target, EgressSession session) =>
        new()
        {
            ReceiveBufferBytes = 2 * 1024 * 1024,
            SendBufferBytes = 2 * 1024 * 1024,
            PathMtu = PathMtuMode.Kernel,
            Local = egress.SourceFor(target.AddressFamily, session),
            Interface = egress.Interface,
        };

    /// <summary>The addresses that policy allows.</summary>
    private List<IPEndPoint> Select(
        EgressPolicy egress, IReadOnlyList<IPAddress> addresses, int port, ref ConnectFailure? failure)
    {
        var targets = new List<IPEndPoint>(addresses.Count);
        foreach (var candidate in addresses)
        {
            if (Judge(_policy(), egress, candidate, port, TargetProtocol.Tcp, _loop.Counters, out var target) is { } denied)
                failure = denied;
            else
                targets.Add(target);
        }
        return targets;
    }

    private TcpConnect CreateConnect(EgressSession session, IConnectObserver<ITcpFlow> observer, ulong deadline) =>
        new(_loop, _egress, session, observer, deadline)
        {
            Connecting = _connecting,
            KeepAlive = KeepAlive,
        };

    /// <summary>Says why an address may not be reached, and counts it; null where it may.</summary>
    internal static ConnectFailure? Judge(
        TargetPolicy policy, EgressPolicy egress, IPAddress candidate, int port, TargetProtocol protocol,
        LoopCounters counters, out IPEndPoint target)
    {
        var address = TargetPolicy.Normalize(candidate);
        target = new IPEndPoint(address, port);
        var verdict = policy.Check(address, port, protocol);
        if (verdict != PolicyVerdict.Allowed)
            counters.PolicyDenials[(int)verdict]++;
        return verdict switch
        {
            PolicyVerdict.Allowed when !egress.Allows(address.AddressFamily) =>
                new ConnectFailure(ProxyErrorType.DestinationIpUnroutable),
            PolicyVerdict.Allowed => null,
            PolicyVerdict.OwnAddress => new ConnectFailure(ProxyErrorType.ProxyLoopDetected),
            _ => new ConnectFailure(ProxyErrorType.DestinationIpProhibited),
        };
    }

    /// <summary>What a socket's error means to the client (RFC 9209 §2.3).</summary>
    /// <param name="errno">The error.</param>
    /// <param name="target">Where to.</param>
    /// <param name="source">The address that the socket was to have; null where the kernel chooses.</param>
    internal static ConnectFailure FailureOf(int errno, IPEndPoint target, IPEndPoint? source) => errno switch
    {
        // connect(2): "all port numbers in the ephemeral port range are currently in use"; a TCP socket gets its port only there. Where
        // the kernel chooses an IPv6 source it says the same of a machine that has none.
        Errno.EADDRNOTAVAIL when source is not null || target.AddressFamily == AddressFamily.InterNetwork =>
            ConnectFailure.Limit(RefusalDetails.Ports, target.ToString()),
        Errno.ECONNREFUSED or Errno.ECONNRESET => new ConnectFailure(ProxyErrorType.ConnectionRefused, target.ToString()),
        Errno.ETIMEDOUT => new ConnectFailure(ProxyErrorType.ConnectionTimeout, target.ToString()),
        Errno.ENETUNREACH or Errno.EHOSTUNREACH or Errno.EHOSTDOWN or Errno.ENETDOWN or Errno.EADDRNOTAVAIL
            or Errno.EAFNOSUPPORT or Errno.EINVAL or Errno.EACCES or Errno.EPERM or Errno.ENODEV
            // Of ICMP: protocol unreachable, a header that a router does not understand, a source route that failed.
            or Errno.ENONET or Errno.ENOPROTOOPT or Errno.EPROTO or Errno.EOPNOTSUPP =>
                new ConnectFailure(ProxyErrorType.DestinationIpUnroutable, target.ToString()),
        // ENOSPC: epoll watches no more.
        Errno.EMFILE or Errno.ENFILE or Errno.ENOSPC => ConnectFailure.Limit(RefusalDetails.OpenFiles, target.ToString()),
        Errno.ENOBUFS or Errno.ENOMEM => ConnectFailure.Limit(RefusalDetails.Memory, target.ToString()),
        Errno.EADDRINUSE or Errno.EAGAIN => ConnectFailure.Limit(RefusalDetails.Ports, target.ToString()),
        _ => new ConnectFailure(ProxyErrorType.ProxyInternalError, target.ToString()),
    };
}
