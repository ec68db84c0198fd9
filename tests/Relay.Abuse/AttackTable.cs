using Relay.Abuse.Attacks;

namespace Relay.Abuse;

/// <summary>All attacks.</summary>
internal static class AttackTable
{
    public static IReadOnlyList<Attack> All { get; } =
    [
        new Http3Resets(), new Http3Requests(), new UnansweredUdp(), new LookUps(), new PortScan(), new ManyEnds(), new IdleTunnels(),
        new Http3Uploads(), new HalfCapsules(), new HalfSections(), new FieldBombs(),
        new WithheldAcknowledgements(), new NoAcknowledgements(), new AcknowledgementsOfNothing(), new OutOfOrder(), new CryptoGaps(),
        new UnfinishedHandshakes(), new UnknownVersions(), new QuicPings(), new ClosedWindows(), new FuzzedPackets(), new FuzzedFrames(),
        new Http2Resets(), new Http2Requests(), new Http2Settings(), new Http2Pings(), new Http2EmptyData(), new Http2Priorities(), new Http2Updates(),
        new Http2Continuations(), new Http2Windows(),
        new SlowHeads(), new LargeHeads(), new HalfTls(),
    ];

    /// <summary>The attacks of a name; all of them for <c>all</c>, and none for a name that none has.</summary>
    public static IReadOnlyList<Attack> Of(string name) =>
        name == "all" ? All : [.. All.Where(attack => attack.Name == name)];
}
