namespace Relay.Admin.Diagnostics;

/// <summary>Why something was not taken, for <c>relay_admin_refusals_total</c>.</summary>
internal enum Refusal
{
    /// <summary>A token that is not known.</summary>
    WrongToken,

    /// <summary>More requests than the rate of their token or source.</summary>
    Rate,

    /// <summary>Connections that made room for newer ones.</summary>
    Connections,

    /// <summary>Connections that brought no request in time.</summary>
    NoRequest,

    /// <summary>More reports a second than one a node may send.</summary>
    ReportRate,

    /// <summary>Reports of a node that has another under way.</summary>
    ReportOverlap,

    /// <summary>Reports of a node that has reported more bytes than it may for long.</summary>
    ReportBytes,

    /// <summary>Reports that hold too much.</summary>
    ReportSize,

    /// <summary>Links of enrolments that are none, or are over.</summary>
    WrongEnrolment,
}

/// <summary>Counts what this coordinator has refused.</summary>
internal sealed class Refusals
{
    private readonly long[] _counts = new long[Enum.GetValues<Refusal>().Length];

    /// <summary>One more.</summary>
    public void Count(Refusal reason) => Interlocked.Increment(ref _counts[(int)reason]);

    /// <summary>How many there were.</summary>
    public long Of(Refusal reason) => Interlocked.Read(ref _counts[(int)reason]);
}
