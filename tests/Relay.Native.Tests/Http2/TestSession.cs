using System.Text;
using Relay.Native.Http2;
using Relay.Native.Http3;

namespace Relay.Native.Tests.Http2;

/// <summary>Either side of a connection, whose streams send a number of bytes and keep what comes.</summary>
internal sealed class TestSession(bool server, Http2Parameters? parameters = null)
    : Http2Session(server, parameters ?? new Http2Parameters())
{
    public List<TestStream> All { get; } = [];

    /// <summary>What a server's streams do with a request.</summary>
    public Action<TestStream> OnRequest { get; set; } = static stream => stream.Answer();

    public uint? GoAway { get; private set; }

    /// <summary>Resets that nobody here asked for.</summary>
    public List<uint> OwnResets { get; } = [];

    public TestStream Ask(long length)
    {
        var stream = new TestStream(this, 0) { Left = length };
        All.Add(stream);
        var headers = new HeaderBlock();
        headers.Add(":method"u8, "CONNECT"u8);
        headers.Add(":authority"u8, "target.test:80"u8);
        SubmitRequest(stream, headers);
        return stream;
    }

    /// <summary>Passes bytes both ways, in pieces, until there are none.</summary>
    public void Exchange(TestSession other, int piece = 16 * 1024)
    {
        var buffer = new byte[piece];
        int sent;
        do
        {
            other.Receive(buffer.AsSpan(0, sent = Send(buffer)));
            var back = other.Send(buffer);
            Receive(buffer.AsSpan(0, back));
            sent += back;
        }
        while (sent > 0);
    }

    public void Lose() => CloseStreams(int.MaxValue);

    protected override Http2Stream CreateStream(int id)
    {
        var stream = new TestStream(this, id);
        All.Add(stream);
        return stream;
    }

    protected override void OnGoAway(uint errorCode) => GoAway = errorCode;

    protected override void OnResetByLibrary(uint errorCode) => OwnResets.Add(errorCode);
}

/// <summary>A stream of <see cref="TestSession"/>.</summary>
internal sealed class TestStream(TestSession session, int id) : Http2Stream(session, id)
{
    private readonly TestSession _session = session;

    public List<string> Fields { get; } = [];

    /// <summary>Bytes that are still to be sent; then it ends.</summary>
    public long Left { get; set; }

    public long Taken { get; private set; }

    public int LargestPull { get; private set; }

    public bool Ended { get; private set; }

    public uint? ResetCode { get; private set; }

    public uint? ClosedCode { get; private set; }

    public int Closes { get; private set; }

    /// <summary>What each event does beside what it does.</summary>
    public Action<string> On { get; set; } = static _ => { };

    public void Answer(bool withBody = true)
    {
        var headers = new HeaderBlock();
        headers.Add(":status"u8, "200");
        SubmitResponse(headers, withBody);
    }

    protected internal override void OnHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) =>
        Fields.Add($"{Encoding.ASCII.GetString(name)}: {Encoding.ASCII.GetString(value)}");

    protected internal override void OnHeadersComplete()
    {
        if (Session.StreamCount > 0 && Fields[0].StartsWith(":method", StringComparison.Ordinal))
            _session.OnRequest(this);
    }

    protected internal override void OnBody(ReadOnlySpan<byte> data)
    {
        Taken += data.Length;
        On("body");
        Consume(data.Length);
    }

    protected internal override void OnEndOfStream() => Ended = true;

    protected internal override void OnReset(uint errorCode) => ResetCode = errorCode;

    protected internal override void OnClosed(uint errorCode)
    {
        Closes++;
        ClosedCode = errorCode;
    }

    protected internal override int PullBody(Span<byte> destination)
    {
        On("pull");
        if (Left == 0)
            return EndOfBody;
        if (Left < 0)
            return 0;
        var length = (int)Math.Min(Left, destination.Length);
        destination[..length].Fill((byte)'x');
        LargestPull = Math.Max(LargestPull, length);
        Left -= length;
        return length;
    }
}
