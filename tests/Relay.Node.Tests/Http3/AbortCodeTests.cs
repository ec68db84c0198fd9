using Relay.Node.Counters;
using Relay.Node.Http3;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Tests.Http3;

/// <summary>Each reason to abort a tunnel has an outcome, and a code of HTTP/3.</summary>
public class AbortCodeTests
{
    private static readonly (TunnelAbort Reason, string Outcome, ulong Tcp, ulong Udp)[] Cases =
    [
        (TunnelAbort.ClientAborted, "client_aborted", Http3ErrorCode.ConnectError, Http3ErrorCode.RequestCancelled),
        (TunnelAbort.TargetFailed, "target_aborted", Http3ErrorCode.ConnectError, Http3ErrorCode.ConnectError),
        (TunnelAbort.TimedOut, "idle_timeout", Http3ErrorCode.ConnectError, Http3ErrorCode.ConnectError),
        (TunnelAbort.ForceClosed, "force_closed", Http3ErrorCode.ConnectError, Http3ErrorCode.NoError),
        (TunnelAbort.MalformedDatagram, "protocol_violation", Http3ErrorCode.DatagramError,
            Http3ErrorCode.DatagramError),
        (TunnelAbort.TruncatedCapsule, "protocol_violation", Http3ErrorCode.MessageError, Http3ErrorCode.MessageError),
        (TunnelAbort.TooMuchHeld, "protocol_violation", Http3ErrorCode.ExcessiveLoad, Http3ErrorCode.ExcessiveLoad),
    ];

    [Fact]
    public void EveryReason_HasItsOutcomeAndCode() => Assert.Equal(
        Cases,
        Enum.GetValues<TunnelAbort>().Select(static reason => (
            reason, TunnelOutcomeNames.Of(TunnelAborts.OutcomeOf(reason)), AbortCode.Of(reason, udp: false),
            AbortCode.Of(reason, udp: true))));
}
