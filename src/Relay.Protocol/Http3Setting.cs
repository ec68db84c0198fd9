namespace Relay.Protocol;

/// <summary>Identifiers of HTTP/3 settings (RFC 9114 §7.2.4.1, RFC 9204 §5, RFC 9220 §3, RFC 9297 §2.1.1).</summary>
public static class Http3Setting
{
    /// <summary>SETTINGS_QPACK_MAX_TABLE_CAPACITY, in bytes; 0 by default (RFC 9204 §5).</summary>
    public const ulong QpackMaxTableCapacity = 0x01;

    /// <summary>
    /// SETTINGS_MAX_FIELD_SECTION_SIZE, in bytes counted as <see cref="RequestHeaders"/> does; unlimited by default.
    /// </summary>
    public const ulong MaxFieldSectionSize = 0x06;

    /// <summary>SETTINGS_QPACK_BLOCKED_STREAMS, a number of streams; 0 by default (RFC 9204 §5).</summary>
    public const ulong QpackBlockedStreams = 0x07;

    /// <summary>
    /// SETTINGS_ENABLE_CONNECT_PROTOCOL: 1 permits Extended CONNECT; 0 by default (RFC 9220 §3, RFC 8441 §3).
    /// </summary>
    public const ulong EnableConnectProtocol = 0x08;

    /// <summary>
    /// SETTINGS_H3_DATAGRAM: 1 permits HTTP datagrams, 0 by default, and any other value is
    /// <see cref="Http3ErrorCode.SettingsError"/> (RFC 9297 §2.1.1).
    /// </summary>
    public const ulong H3Datagram = 0x33;
}
