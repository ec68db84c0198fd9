namespace Relay.Protocol;

/// <summary>What a request asks for, or why it is refused; see <see cref="ConnectRequest.Evaluate"/>.</summary>
/// <param name="Kind">
/// The tunnel asked for; <see cref="ConnectKind.None"/> if and only if the request is refused.
/// </param>
/// <param name="Target">Where the tunnel goes; default when the request is refused.</param>
/// <param name="Status">
/// 0 when the request is accepted, else the HTTP status of the answer: 400, 404, 405, 414, 431,
/// 501 or 505.
/// </param>
/// <param name="Fault">What is wrong with the request; <see cref="RequestFault.None"/> when it is accepted.</param>
public readonly record struct ConnectDecision(
    ConnectKind Kind, TargetAuthority Target, int Status, RequestFault Fault)
{
    /// <summary>Whether a tunnel may be opened, as far as the request itself is concerned.</summary>
    public bool IsAccepted => Kind != ConnectKind.None;
}
