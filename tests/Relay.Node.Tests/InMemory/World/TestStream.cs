using Relay.Native.Http3;
using Relay.Protocol;

namespace Relay.Node.Tests.InMemory.World;

/// <summary>The client's end of one request.</summary>
internal sealed class TestStream(TestClient client, long id) : Http3Stream(client, id)
{
    private readonly OutgoingBody _outgoing = new();
    private readonly List<byte> _body = [];
    private readonly Dictionary<string, List<string>> _fields = [];
    private CapsuleReader? _capsules;
    private bool _finish;

    /// <summary>The response's status; 0 before there is one.</summary>
    public int Status { get; private set; }

    public Dictionary<string, string> Headers { get; } = [];

    /// <summary>Every value of a field of the response.</summary>
    public IReadOnlyList<string> All(string name) => _fields.GetValueOrDefault(name) ?? [];

    /// <summary>Bytes of the response's body.</summary>
    public long BodyLength { get; private set; }

    /// <summary>Whether the body was the pattern so far.</summary>
    public bool BodyIsPattern { get; private set; } = true;

    /// <summary>Keeps the body; a test that moves megabytes checks the pattern instead.</summary>
    public bool KeepsBody { get; set; } = true;

    /// <summary>Whether it gives its receive window back; a slow client does not.</summary>
    public bool Reads { get; set; } = true;

    /// <summary>Reads the body as capsules.</summary>
    public bool ReadsCapsules { get; set; }

    public ReadOnlySpan<byte> Body => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_body);

    /// <summary>UDP payloads that arrived, in order; their carriers are in <see cref="InFrames"/>.</summary>
    public List<byte[]> Datagrams { get; } = [];

    /// <summary>Whether it keeps datagrams, or only counts them.</summary>
    public bool KeepsDatagrams { get; set; } = true;

    public long DatagramCount { get; private set; }

    /// <summary>How many of the datagrams arrived in DATAGRAM frames rather than capsules.</summary>
    public int InFrames { get; private set; }

    public bool Ended { get; private set; }

    public ulong? ResetCode { get; private set; }

    /// <summary>The relay wants no more; found out by sending.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>Bytes of the pattern that have been given to the transport.</summary>
    public long PatternSent => _outgoing.PatternTaken;

    public long Pending => _outgoing.Length;

    public bool IsAnswered => Status != 0 || ResetCode is not null || IsClosed;

    /// <summary>Sends bytes of the body.</summary>
    public void Send(ReadOnlySpan<byte> data)
    {
        _outgoing.Add(data);
        Wake();
    }

    /// <summary>Sends so many bytes of the pattern.</summary>
    public void SendPattern(long length)
    {
        _outgoing.AddPattern(length);
        Wake();
    }

    /// <summary>Sends a DATAGRAM capsule, or any other.</summary>
    public void SendCapsule(ReadOnlySpan<byte> payload, ulong context = 0, ulong type = CapsuleType.Datagram) =>
        Send(Capsules.Write(type, context, payload));

    /// <summary>Sends a DATAGRAM frame.</summary>
    public void SendDatagram(ReadOnlySpan<byte> payload, ulong context = 0) =>
        client.SendDatagram(Id, payload, context);

    /// <summary>Ends the sending side.</summary>
    public void Finish()
    {
        _finish = true;
        Wake();
    }

    public void Reset(ulong code)
    {
        ResetSend(code);
        client.Wake();
    }

    public void Stop(ulong code)
    {
        StopReceiving(code);
        client.Wake();
    }

    /// <summary>Gives back the window of what has arrived, and of what will.</summary>
    public void BeginReading()
    {
        Reads = true;
        Consume(Unconsumed);
        client.Wake();
    }

    public void OnHttpDatagram(ReadOnlySpan<byte> datagram, bool inFrame)
    {
        Assert.True(HttpDatagram.ReadContextId(datagram, out var context, out var consumed));
        Assert.Equal(0ul, context);
        DatagramCount++;
        if (inFrame)
            InFrames++;
        if (KeepsDatagrams)
            Datagrams.Add(datagram[consumed..].ToArray());
    }

    protected internal override void OnHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) =>
        Add(System.Text.Encoding.ASCII.GetString(name), System.Text.Encoding.ASCII.GetString(value));

    protected internal override void OnHeadersComplete(bool endOfStream) => Status = int.Parse(Headers[":status"]);

    protected internal override void OnBody(ReadOnlySpan<byte> data)
    {
        BodyIsPattern &= Pattern.Matches(data, BodyLength);
        BodyLength += data.Length;
        if (KeepsBody && !ReadsCapsules)
            _body.AddRange(data);
        if (ReadsCapsules)
        {
            _capsules ??= new CapsuleReader();
            while (_capsules.Read(ref data, out var datagram) == CapsuleReadResult.Datagram)
                OnHttpDatagram(datagram, inFrame: false);
        }
        if (Reads)
            Consume(Unconsumed);
    }

    protected internal override void OnEndOfStream() => Ended = true;

    protected internal override void OnReset(ulong errorCode) => ResetCode = errorCode;

    protected internal override void OnStopSending() => IsStopped = true;

    protected internal override void OnClosed(ulong errorCode)
    {
    }

    protected internal override int PullBody(Span<byte> destination) =>
        _outgoing.Take(destination) is var length and > 0 ? length : _finish ? EndOfBody : 0;

    private void Add(string name, string value)
    {
        Headers[name] = value;
        if (!_fields.TryGetValue(name, out var values))
            _fields[name] = values = [];
        values.Add(value);
    }

    private void Wake()
    {
        Resume();
        client.Wake();
    }
}
