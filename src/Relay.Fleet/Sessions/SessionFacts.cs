using Relay.Fleet.Contract;

namespace Relay.Fleet.Sessions;

/// <summary>What of a session is numbers, as <see cref="SessionRecord"/> has it.</summary>
internal struct SessionFacts
{
    private static readonly string?[] Versions = [null, "3", "2", "1.1"];

    private long _startedAt;
    private short _startedAtOffset;
    private byte _version;
    private byte _state;

    /// <summary>What a record says.</summary>
    public SessionFacts(SessionRecord session)
    {
        _startedAt = session.StartedAt.Ticks;
        _startedAtOffset = (short)session.StartedAt.TotalOffsetMinutes;
        _version = (byte)Math.Max(0, Array.IndexOf(Versions, session.HttpVersion));
        _state = (byte)session.State;
        TunnelsOpen = session.TunnelsOpen;
        TunnelsTotal = session.TunnelsTotal;
        UpstreamBytes = session.UpstreamBytes;
        DownstreamBytes = session.DownstreamBytes;
    }

    /// <summary>When it began.</summary>
    public readonly DateTimeOffset StartedAt => new(_startedAt, TimeSpan.FromMinutes(_startedAtOffset));

    /// <summary>The version of HTTP; null where its node tells of none.</summary>
    public readonly string? HttpVersion => Versions[_version];

    /// <summary>Whether it may open tunnels.</summary>
    public SessionState State { readonly get => (SessionState)_state; set => _state = (byte)value; }

    /// <summary>Tunnels that are open.</summary>
    public long TunnelsOpen { get; }

    /// <summary>Tunnels that were ever opened.</summary>
    public long TunnelsTotal { get; }

    /// <summary>Bytes toward targets.</summary>
    public long UpstreamBytes { get; }

    /// <summary>Bytes toward clients.</summary>
    public long DownstreamBytes { get; }
}
