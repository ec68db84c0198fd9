using static Relay.Native.Ngtcp2.NativeMethods;

namespace Relay.Native.Quic;

/// <content>Silence: one side asks whether the other is still there, and gives it up when it is not.</content>
public abstract unsafe partial class QuicConnection
{
    /// <summary>The least time between two PINGs of a silent connection, in nanoseconds.</summary>
    private const ulong ShortestKeepAlive = 300_000_000;

    /// <summary>
    /// How many PINGs take the place of one once there was no answer: its own probes come ever more rarely, and an outage
    /// that ends shortly before the timeout must not go unnoticed.
    /// </summary>
    private const int Urgency = 4;

    /// <summary>How many times the own idle timeout a client is waited for whose path is slow.</summary>
    private const int MostPatience = 2;

    /// <summary>How long it is waited for at least, in nanoseconds: a slow path's three probe timeouts, whatever the option.</summary>
    private const ulong LeastPatience = 10_000_000_000;

    private ulong _idleTimeout;
    private bool _urgent;

    /// <summary>When the last packet came, on the monotonic clock in nanoseconds.</summary>
    protected ulong ReceivedAt => _readAt;

    /// <summary>
    /// From now on a silent connection is sent a PING after a third of the idle timeout, and one from which nothing has
    /// come for all of it is over. To be called once the other side's transport parameters are there.
    /// </summary>
    protected void KeepAlive()
    {
        // RFC 9000 §10.1: "the effective value at an endpoint is computed as the minimum of the two advertised values".
        _idleTimeout = _parameters.IdleTimeout;
        var peer = ngtcp2_conn_get_remote_transport_params(Native);
        if (peer is not null && peer->max_idle_timeout > 0)
            _idleTimeout = Math.Min(_idleTimeout, peer->max_idle_timeout);
        AskAfter(_idleTimeout / 3);
    }

    /// <summary>
    /// Asks the other side for a sign of life, whatever was heard of it before. Flow control does not hold a PING back, as
    /// it does everything that streams have to say.
    /// </summary>
    /// <param name="after">Nanoseconds of silence after which it is asked, and asked again.</param>
    protected void AskForLife(ulong after)
    {
        _urgent = true;
        AskAfter(after);
    }

    private void AskAfter(ulong time) =>
        ngtcp2_conn_set_keep_alive_timeout(Native, Math.Max(time, ShortestKeepAlive));

    /// <summary>Time has passed: asks more often where there was no answer.</summary>
    private void ProbeIfSilent(ulong now)
    {
        if (_idleTimeout == 0 || _urgent || now < _readAt + (_idleTimeout / 3))
            return;
        _urgent = true;
        AskAfter(_idleTimeout / 3 / Urgency);
    }

    /// <summary>A packet has come.</summary>
    private void RecordReceived(ulong now)
    {
        _readAt = now;
        if (!_urgent)
            return;
        _urgent = false;
        AskAfter(_idleTimeout / 3);
    }

    /// <summary>The longest that a client whose path is slow is waited for, in nanoseconds.</summary>
    private ulong LongestIdle => Math.Max(MostPatience * _parameters.IdleTimeout, LeastPatience);

    /// <summary>When the other side counts as gone; <see cref="ulong.MaxValue"/> for never.</summary>
    private ulong IdleExpiry => _idleTimeout == 0 ? ulong.MaxValue : _readAt + _idleTimeout;

    /// <summary>
    /// Whether nothing has come for too long. ngtcp2's own idle timer begins anew with the first PING that nobody
    /// answers, as RFC 9000 §10.1 has it, and so would wait a third longer.
    /// </summary>
    private bool IsAbandoned(ulong now)
    {
        if (now < IdleExpiry)
            return false;
        // RFC 9000 §10.1: "endpoints MUST increase the idle timeout period to be at least three times the current Probe
        // Timeout (PTO)".
        // Which a client can make as long as it likes, by acknowledging late, and by the max_ack_delay that it announces.
        _idleTimeout = Math.Max(_idleTimeout, Math.Min(3 * ProbeTimeout, LongestIdle));
        return now >= IdleExpiry;
    }
}
