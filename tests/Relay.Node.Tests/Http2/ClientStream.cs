using System.Text;
using Relay.Native.Http2;

namespace Relay.Node.Tests.Http2;

/// <summary>A request's stream on the client's side: what it sends, and what it got.</summary>
internal sealed class ClientStream(ClientSession session) : Http2Stream(session, 0)
{
    private readonly OutgoingBody _outgoing = new();
    private bool _ends;

    public int? Status { get; private set; }

    /// <summary><c>name: value</c>, in order, without the status.</summary>
    public List<string> Fields { get; } = [];

    public List<byte> Body { get; } = [];

    public bool KeepsBody { get; set; } = true;

    public long BodyLength { get; private set; }

    /// <summary>Whether what came was <see cref="Pattern"/>.</summary>
    public bool BodyIsPattern { get; private set; } = true;

    /// <summary>Whether window is given back for what comes.</summary>
    public bool Reads { get; set; } = true;

    /// <summary>Body bytes that have left.</summary>
    public long Sent { get; private set; }

    public bool Ended { get; private set; }

    public uint? ResetCode { get; private set; }

    public uint? ClosedCode { get; private set; }

    public void Send(ReadOnlySpan<byte> data)
    {
        _outgoing.Add(data);
        Resume();
    }

    public void SendPattern(long length)
    {
        _outgoing.AddPattern(length);
        Resume();
    }

    /// <summary>Ends this side once everything is sent.</summary>
    public void Finish()
    {
        _ends = true;
        Resume();
    }

    /// <summary>Gives window back for all that came.</summary>
    public void BeginReading()
    {
        Reads = true;
        Consume(Unconsumed);
    }

    protected internal override void OnHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (name.SequenceEqual(":status"u8))
            Status = int.Parse(value);
        else
            Fields.Add($"{Encoding.ASCII.GetString(name)}: {Encoding.ASCII.GetString(value)}");
    }

    protected internal override void OnHeadersComplete()
    {
    }

    protected internal override void OnBody(ReadOnlySpan<byte> data)
    {
        BodyIsPattern = BodyIsPattern && Pattern.Matches(data, BodyLength);
        BodyLength += data.Length;
        if (KeepsBody)
            Body.AddRange(data);
        if (Reads)
            Consume(Unconsumed);
    }

    protected internal override void OnEndOfStream() => Ended = true;

    protected internal override void OnReset(uint errorCode) => ResetCode = errorCode;

    protected internal override void OnClosed(uint errorCode) => ClosedCode = errorCode;

    protected internal override int PullBody(Span<byte> destination)
    {
        var length = _outgoing.Take(destination);
        Sent += length;
        return length == 0 && _ends ? EndOfBody : length;
    }
}
