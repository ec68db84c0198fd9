using Relay.Native.Quic;

namespace Relay.Node.Tests.InMemory;

/// <summary>
/// What RFC 9114, 9204 and 9297 say of streams and frames that are wrong, in the order of the RFCs: what is broken is the
/// stream, the connection, or nothing. What differs from the RFC has its reason in docs/hardening.md.
/// </summary>
public sealed partial class ConformanceTests : InMemoryTests
{
    private enum Broken
    {
        Nothing,
        Stream,
        Connection,
    }

    /// <summary>Streams after a handshake, and what they break.</summary>
    private sealed record Case(string Name, Broken What, ulong Code)
    {
        /// <summary>Bytes of unidirectional streams, in hex, each with its own.</summary>
        public string[] Unidirectional { get; init; } = [];

        /// <summary>Bytes of a request stream, in hex; null for none.</summary>
        public string? Request { get; init; }

        public bool Ends { get; init; }

        /// <summary>The status of the answer, where there is one.</summary>
        public int Status { get; init; }

        /// <summary>What the RFC wants, where that is something else.</summary>
        public string? ButShouldBe { get; init; }
    }

    public static TheoryData<string> Names => [.. Cases.Select(static one => one.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Streams_BreakWhatTheyMust(string name)
    {
        var expected = Cases.Single(one => one.Name == name);
        var network = Start();
        var client = network.EstablishRaw();
        foreach (var hex in expected.Unidirectional)
            client.Send(client.OpenUnidirectional(), Hex(hex));
        long stream = -1;
        if (expected.Request is not null)
        {
            stream = client.OpenBidirectional();
            client.Send(stream, Hex(expected.Request), expected.Ends);
        }
        network.Run(Time.Seconds(1));
        switch (expected.What)
        {
            case Broken.Connection:
                Assert.True(client.IsOver);
                Assert.Equal(
                    (CloseKind.Application, expected.Code), (client.CloseReason.Kind, client.CloseReason.Code));
                break;
            case Broken.Stream:
                Assert.False(client.IsOver);
                Assert.Equal(expected.Code, client.Resets[stream]);
                break;
            default:
                Assert.False(client.IsOver);
                Assert.Empty(client.Resets);
                Assert.Equal(expected.Status, expected.Status == 0 ? 0 : client.StatusOf(stream));
                break;
        }
        if (client.IsOver)
            return;
        var next = client.OpenBidirectional();
        client.Send(next, RawClient.ConnectHeaders());
        Assert.True(network.Run(() => client.Received.ContainsKey(next)));
    }

    [Fact]
    public void Deviations_HaveTheirReasonInTheDocument()
    {
        var document = Repository.Read("docs/hardening.md");
        Assert.All(
            Cases.Where(static one => one.ButShouldBe is not null),
            one => Assert.Contains($"| {one.Name} | {one.ButShouldBe} |", document, StringComparison.Ordinal));
    }

    private static byte[] Hex(string text) => Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));
}
