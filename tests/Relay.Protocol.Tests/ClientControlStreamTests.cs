namespace Relay.Protocol.Tests;

/// <summary>Frames with an identifier, on a control stream that is cut into pieces of any size.</summary>
public sealed class ClientControlStreamTests
{
    private const string Begun = "00 04 02 33 01 ";

    [Theory]
    [InlineData(Begun + "07 01 00", null)]
    [InlineData(Begun + "07 02 40 04", null)]
    [InlineData(Begun + "07 01 08 07 01 04 07 01 04", null)]
    [InlineData(Begun + "0d 01 04 0d 01 04 0d 02 41 00", null)]
    [InlineData(Begun + "21 03 01 02 03 21 00 07 08 c0 00 00 00 00 00 00 04", null)]
    [InlineData(Begun + "07 00", Http3ErrorCode.FrameError)]
    [InlineData(Begun + "07 01 40", Http3ErrorCode.FrameError)]
    [InlineData(Begun + "07 02 04 00", Http3ErrorCode.FrameError)]
    [InlineData(Begun + "0d 02 04 00", Http3ErrorCode.FrameError)]
    [InlineData(Begun + "03 02 04 00", Http3ErrorCode.FrameError)]
    [InlineData(Begun + "07 44 00 04 00", Http3ErrorCode.FrameError)]
    [InlineData(Begun + "07 01 04 07 01 08", Http3ErrorCode.IdError)]
    [InlineData(Begun + "0d 01 04 0d 01 03", Http3ErrorCode.IdError)]
    [InlineData(Begun + "03 01 00", Http3ErrorCode.IdError)]
    [InlineData(Begun + "0d 01 04 03 01 00", Http3ErrorCode.IdError)]
    [InlineData("00 03 01 00", null)] // without SETTINGS: not its to say
    [InlineData("02 07 00 07 00", null)] // QPACK's encoder
    [InlineData("40 00 04 00 07 00", Http3ErrorCode.FrameError)]
    public void Frames_AreJudged(string hex, ulong? error)
    {
        var bytes = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        for (var piece = 1; piece <= bytes.Length; piece++)
        {
            var stream = new ClientControlStream();
            ulong? found = null;
            for (var at = 0; at < bytes.Length && found is null; at += piece)
                found = stream.Read(bytes.AsSpan(at, Math.Min(piece, bytes.Length - at)));
            Assert.Equal(error, found);
        }
    }

    [Fact]
    public void RandomBytes_AreReadInPiecesAsTheyAreAtOnce()
    {
        var random = new Random(1);
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = new byte[random.Next(1, 40)];
            for (var i = 0; i < bytes.Length; i++)
                bytes[i] = (byte)(random.Next(4) == 0 ? random.Next(256) : random.Next(16));
            bytes = [0, 4, 0, .. bytes];
            var (whole, pieces) = (new ClientControlStream(), new ClientControlStream());
            var expected = whole.Read(bytes);
            ulong? found = null;
            for (var at = 0; at < bytes.Length && found is null;)
            {
                var length = Math.Min(random.Next(1, 8), bytes.Length - at);
                found = pieces.Read(bytes.AsSpan(at, length));
                at += length;
            }
            Assert.Equal(expected, found);
        }
    }
}
