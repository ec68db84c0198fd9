using System.Net;
using Relay.Native.Linux;
using Relay.Node.Io;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Egress;

/// <summary>
/// One connection to one target out of several addresses, tried in their order: the next when one fails, or when it has
/// not answered for 250 ms (the connection attempt delay of RFC 8305 §5). The first that answers wins. More addresses may
/// come while it runs.
/// </summary>
internal sealed class TcpConnect
{
    private const ulong AttemptDelay = 250_000_000;

    private readonly EventLoop _loop;
    private readonly List<IPEndPoint> _targets = [];
    private readonly EgressState _egress;
    private readonly EgressSession _session;
    private readonly IConnectObserver<ITcpFlow> _observer;
    private readonly ulong _deadline;
    private readonly ActionTimer _timer;
    private readonly List<Attempt> _attempts = [];
    private ConnectFailure? _failure;
    private int _next;
    private bool _more;
    private bool _isDue;
    private bool _done;

    internal TcpConnect(
        EventLoop loop, EgressState egress, EgressSession session, IConnectObserver<ITcpFlow> observer, ulong deadline)
    {
        _loop = loop;
        _egress = egress;
        _session = egress.Current.Policy.ForTunnel(session);
        _observer = observer;
        _deadline = deadline;
        _timer = new ActionTimer(observer, OnTimer);
    }

    /// <summary>Where it is found while it waits for an answer.</summary>
    internal required HashSet<TcpConnect> Connecting { get; init; }

    /// <summary>How a target that has vanished is noticed; null: it is not.</summary>
    internal KeepAlive? KeepAlive { get; init; }

    /// <summary>Takes addresses, and begins if it has not.</summary>
    /// <param name="targets">The addresses, those to try first in front; there may be none.</param>
    /// <param name="more">Whether another call follows.</param>
    internal void Add(List<IPEndPoint> targets, bool more)
    {
        if (_done)
            return;
        _more = more;
        // RFC 8305 §3: a late answer's addresses go among those that are still to be tried, and their family is next.
        var untried = _targets[_next..];
        _targets.RemoveRange(_next, untried.Count);
        _targets.AddRange(AttemptOrder.Interleave([.. targets, .. untried]));
        if (_attempts.Count == 0 || _isDue)
            TryNext();
    }

    /// <summary>Gives up, if a source of its attempts is of a lease that is over.</summary>
    internal void EndFrom(EgressLease lease)
    {
        if (!IsFrom(lease))
            return;
        try
        {
            // First what needs no memory.
            Finish();
            _observer.OnConnectFailed(ConnectFailure.Limit(RefusalDetails.NoEgressLease));
        }
        catch (Exception e)
        {
            _observer.OnDefect(e);
        }
    }

    private bool IsFrom(EgressLease lease)
    {
        foreach (var attempt in _attempts)
        {
            if (attempt.Source is { } source && lease.Contains(source.Address))
                return true;
        }
        return false;
    }

    private void TryNext()
    {
        try
        {
            // Before there is anything to find: an attempt that is in no list would outlive its lease.
            Connecting.Add(this);
            TryUntilOneWaits();
        }
        catch
        {
            Finish();
            throw;
        }
    }

    private void TryUntilOneWaits()
    {
        _isDue = false;
        while (!_done && _next < _targets.Count)
        {
            var target = _targets[_next++];
            // Since the last attempt a lease may have been lost, and with it the only source.
            var egress = _egress.Current.Policy;
            if (egress.IsMissing || !egress.Allows(target.AddressFamily))
            {
                _failure = ConnectFailure.Limit(RefusalDetails.NoEgressLease);
                continue;
            }
            var source = egress.SourceFor(target.AddressFamily, _session);
            StreamSocket? socket = null;
            try
            {
                socket = StreamSocket.Create(target, new StreamSocketOptions
                {
                    Local = source,
                    Interface = egress.Interface,
                    KeepAlive = KeepAlive,
                });
                var result = socket.Connect();
                if (result == 0)
                {
                    Succeed(socket, target);
                    return;
                }
                if (result == -Errno.EINPROGRESS)
                {
                    _attempts.Add(new Attempt(this, socket, target, source));
                    SetTimer();
                    return;
                }
                socket.Dispose();
                RecordFailure(-result, target, source);
            }
            catch (SocketSystemException e)
            {
                socket?.Dispose();
                RecordFailure(e.Errno, target, source);
            }
        }
        if (!_done && _attempts.Count == 0 && !_more)
            Fail();
        else if (!_done)
        {
            _isDue = true;
            SetTimer();
        }
    }

    // Also after the last address: who opens and abandons tunnels must not hold a socket until the deadline for each.
    private void SetTimer() => _loop.Timers.Set(_timer, Math.Min(_deadline, _loop.Now + AttemptDelay));

    private void OnTimer()
    {
        if (!_observer.IsWaiting)
            Finish();
        else if (_loop.Now < _deadline)
            TryNext();
        else
        {
            if (_attempts.Count > 0)
                _failure = new ConnectFailure(ProxyErrorType.ConnectionTimeout, _attempts[^1].Target.ToString());
            Fail();
        }
    }

    private void OnAnswer(Attempt attempt)
    {
        if (_done || !_attempts.Remove(attempt))
            return;
        var error = attempt.Socket.GetPendingError();
        attempt.Unwatch();
        if (!_observer.IsWaiting)
        {
            attempt.Abandon();
            Finish();
        }
        else if (error == 0)
        {
            Succeed(attempt.Socket, attempt.Target);
        }
        else
        {
            attempt.Socket.Dispose();
            RecordFailure(error, attempt.Target, attempt.Source);
            TryNext();
        }
    }

    /// <summary>A refusal tells the client more than that the host has no route for the other family.</summary>
    private void RecordFailure(int errno, IPEndPoint target, IPEndPoint? source = null)
    {
        var failure = TargetConnector.FailureOf(errno, target, source);
        if (_failure is null || failure.Error != ProxyErrorType.DestinationIpUnroutable)
            _failure = failure;
    }

    private void Succeed(StreamSocket socket, IPEndPoint target)
    {
        TcpFlow flow;
        try
        {
            flow = new TcpFlow(_loop, socket, _observer);
        }
        catch (SocketSystemException e)
        {
            // The kernel watches no more descriptors: that is one tunnel's trouble, not the loop's.
            socket.Dispose();
            RecordFailure(e.Errno, target);
            Fail();
            return;
        }
        Finish();
        _observer.OnConnected(flow, target.ToString());
    }

    private void Fail()
    {
        Finish();
        _observer.OnConnectFailed(_failure ?? new ConnectFailure(ProxyErrorType.ConnectionTimeout));
    }

    private void Finish()
    {
        _done = true;
        Connecting.Remove(this);
        _loop.Timers.Clear(_timer);
        foreach (var attempt in _attempts)
        {
            attempt.Unwatch();
            attempt.Abandon();
        }
        _attempts.Clear();
    }

    private sealed class Attempt : IReadiness, IOwned
    {
        private readonly TcpConnect _owner;
        private readonly ulong _token;

        internal Attempt(TcpConnect owner, StreamSocket socket, IPEndPoint target, IPEndPoint? source)
        {
            Source = source;
            _owner = owner;
            Socket = socket;
            Target = target;
            _token = owner._loop.Watch(socket.Fd, EpollInterest.Out | EpollInterest.EdgeTriggered, this);
        }

        public ITurnOwner? Owner => _owner._observer;

        internal StreamSocket Socket { get; }

        internal IPEndPoint Target { get; }

        internal IPEndPoint? Source { get; }

        internal void Unwatch() => _owner._loop.Unwatch(Socket.Fd, _token);

        // It may be connected by now. RFC 9293 §3.6: who closes first keeps its port for minutes (TIME-WAIT); whoever opens tunnels
        // and leaves them must not use up the ports toward a target, nor have the kernel look for a free one.
        internal void Abandon() => Socket.Abort();

        public void OnReady(EpollInterest events) => _owner.OnAnswer(this);
    }
}
