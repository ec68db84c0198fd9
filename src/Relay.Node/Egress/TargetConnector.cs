using System.Net;
using Relay.Native.Linux;
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

    /// <summary>Ends connections on their way that have their source in a lease.</summary>
    internal void EndConnecting(EgressLease lease)
    {
        foreach (var connect in _connecting.ToArray())
            connect.EndFrom(lease);
    }

    /// <inheritdoc/>
    public void OpenUdp(TargetAuthority target, EgressSession session, IConnectObserver<IUdpFlow> observer)
    {
        if (target.Address is { } address)
            ConnectUdp([address], target.Port, session, observer);
        else
            Resolve(target.Host, observer, addresses => ConnectUdp(addresses, target.Port, session, observer));
    }

    /// <inheritdoc/>
    public void OpenTcp(TargetAuthority target, EgressSession session, IConnectObserver<ITcpFlow> observer)
    {
        var deadline = _loop.Now + _connectTimeout;
        if (target.Address is { } address)
            ConnectTcp([address], target.Port, session, observer, deadline);
        else
            Resolve(target.Host, observer,
                addresses => ConnectTcp(addresses, target.Port, session, observer, deadline));
    }

    private void Resolve<TFlow>(string host, IConnectObserver<TFlow> observer, Action<IReadOnlyList<IPAddress>> connect)
    {
        observer.OnStep(SetUpStep.Resolve);
        var pending = _resolver.ResolveAsync(host, CancellationToken.None);
        if (pending.IsCompletedSuccessfully)
        {
            OnResolved(pending.Result, observer, connect);
            return;
        }
        // The continuation runs on the resolver's thread; what it decides runs on the loop.
        _ = pending.AsTask().ContinueWith(
            task => _loop.Post(() => OnResolved(
                task.IsCompletedSuccessfully ? task.Result : ResolveResult.Failure, observer, connect)),
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private static void OnResolved<TFlow>(
        ResolveResult result, IConnectObserver<TFlow> observer, Action<IReadOnlyList<IPAddress>> connect)
    {
        if (!observer.IsWaiting)
            return;
        if (result.Status == ResolveStatus.Success && result.Addresses.Length > 0)
        {
            connect(result.Addresses);
            return;
        }
        observer.OnConnectFailed(result.Status switch
        {
            ResolveStatus.Timeout => new ConnectFailure(ProxyErrorType.DnsTimeout),
            ResolveStatus.Overloaded => new ConnectFailure(ProxyErrorType.ConnectionLimitReached),
            _ => new ConnectFailure(ProxyErrorType.DnsError, Rcode: result.Rcode),
        });
    }

    /// <summary>UDP has no handshake to race: the first address that policy allows and a route leads to.</summary>
    private void ConnectUdp(
        IReadOnlyList<IPAddress> addresses, int port, EgressSession session, IConnectObserver<IUdpFlow> observer)
    {
        var egress = _egress.Current.Policy;
        if (egress.IsMissing)
        {
            observer.OnConnectFailed(new ConnectFailure(ProxyErrorType.ConnectionLimitReached));
            return;
        }
        session = egress.ForTunnel(session);
        observer.OnStep(SetUpStep.Policy);
        var failure = new ConnectFailure(ProxyErrorType.DestinationIpUnroutable);
        foreach (var candidate in addresses)
        {
            if (Judge(egress, candidate, port, TargetProtocol.Udp, out var target) is { } denied)
            {
                failure = denied;
                continue;
            }
            observer.OnStep(SetUpStep.Connect);
            try
            {
                var socket = DatagramSocket.Connect(target, UdpOptions(egress, target, session));
                observer.OnConnected(new UdpFlow(_loop, socket, observer), target.ToString());
                return;
            }
            catch (SocketSystemException e)
            {
                failure = new ConnectFailure(ErrorOf(e.Errno), target.ToString());
            }
        }
        observer.OnConnectFailed(failure);
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

    private void ConnectTcp(
        IReadOnlyList<IPAddress> addresses, int port, EgressSession session, IConnectObserver<ITcpFlow> observer,
        ulong deadline)
    {
        var egress = _egress.Current.Policy;
        if (egress.IsMissing)
        {
            observer.OnConnectFailed(new ConnectFailure(ProxyErrorType.ConnectionLimitReached));
            return;
        }
        var failure = new ConnectFailure(ProxyErrorType.DestinationIpUnroutable);
        var targets = new List<IPEndPoint>(addresses.Count);
        observer.OnStep(SetUpStep.Policy);
        foreach (var candidate in addresses)
        {
            if (Judge(egress, candidate, port, TargetProtocol.Tcp, out var target) is { } denied)
                failure = denied;
            else
                targets.Add(target);
        }
        if (targets.Count == 0)
        {
            observer.OnConnectFailed(failure);
            return;
        }
        observer.OnStep(SetUpStep.Connect);
        new TcpConnect(_loop, AttemptOrder.Interleave(targets), _egress, session, observer, deadline)
        {
            Connecting = _connecting,
            KeepAlive = KeepAlive,
        }.Start();
    }

    private ConnectFailure? Judge(
        EgressPolicy egress, IPAddress candidate, int port, TargetProtocol protocol, out IPEndPoint target)
    {
        var address = TargetPolicy.Normalize(candidate);
        target = new IPEndPoint(address, port);
        var verdict = _policy().Check(address, port, protocol);
        if (verdict != PolicyVerdict.Allowed)
            _loop.Counters.PolicyDenials[(int)verdict]++;
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
    internal static ProxyErrorType ErrorOf(int errno) => errno switch
    {
        Errno.ECONNREFUSED or Errno.ECONNRESET => ProxyErrorType.ConnectionRefused,
        Errno.ETIMEDOUT => ProxyErrorType.ConnectionTimeout,
        Errno.ENETUNREACH or Errno.EHOSTUNREACH or Errno.EHOSTDOWN or Errno.ENETDOWN or Errno.EADDRNOTAVAIL
            or Errno.EAFNOSUPPORT or Errno.EINVAL or Errno.EACCES or Errno.ENODEV =>
                ProxyErrorType.DestinationIpUnroutable,
        // The last two: every port of the source address is taken.
        Errno.EMFILE or Errno.ENFILE or Errno.ENOBUFS or Errno.ENOMEM or Errno.EADDRINUSE or Errno.EAGAIN =>
            ProxyErrorType.ConnectionLimitReached,
        _ => ProxyErrorType.ProxyInternalError,
    };
}
