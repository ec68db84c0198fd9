using Relay.Fleet.Contract;

namespace Relay.Node.Fleet;

/// <content>Answers of coordinators that do not reach who decides: the node keeps what it has.</content>
internal sealed partial class FleetLink
{
    /// <summary>
    /// How long a coordinator may try to reach who decides before it stands in. Among many stand-ins in a row it is now and
    /// then far longer: who decides may be slow, and not away, and leases are renewed by nobody else.
    /// </summary>
    internal static readonly TimeSpan StandInTime = TimeSpan.FromMilliseconds(800);
    internal static readonly TimeSpan PatientStandInTime = TimeSpan.FromMilliseconds(2500);
    internal const int PatientEvery = 16;

    /// <summary>
    /// For how long it is not decided whether the name is this process's, where only stand-ins answer; then it serves, as
    /// where nobody answers. Longer than it takes coordinators to agree on which of them is gone.
    /// </summary>
    internal static readonly TimeSpan NameTime = TimeSpan.FromSeconds(30);

    /// <summary>After so many in a row the log says that coordinators stand in.</summary>
    private const int StandInsToTell = 3;

    private readonly long _begunAt;
    private long _knownSequence;
    private int _standIns;

    private TimeSpan StandInWait =>
        _standIns % PatientEvery == PatientEvery - 1 ? PatientStandInTime : StandInTime;

    // Nothing is renewed, confirmed, ended or begun anew by it but what an answer said that was lost on its way.
    private void ApplyStandIn(NodeDirective directive)
    {
        if (directive.KnownSequence <= _knownSequence)
            return;
        _knownSequence = directive.KnownSequence;
        if (directive.Drain is { } order)
            _parts.Drain.Apply(order);
        _parts.Sessions.ConfirmUpTo(directive.AcknowledgedSessions);
        _parts.OnTicked();
    }

    // It says nothing of the name: whoever has it goes on, and whoever has not is not ready.
    private void OnStoodIn()
    {
        _parts.OnReportFailed();
        if (++_standIns == StandInsToTell && !_isLost)
            Log.FleetStandsIn(_log);
        if (!_isNameTaken && _clock.GetElapsedTime(_begunAt) >= NameTime)
            _parts.OnNamed(null);
    }
}
