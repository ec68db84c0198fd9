using System.Text;
using Relay.Node.Http;
using Relay.Node.Tunnels;

namespace Relay.Node.Tests.Http;

/// <summary>A request's stream of a <see cref="FakeCarrier"/>: what the client got on it.</summary>
internal sealed class FakeRequestStream : IRequestStream, IResponseFields
{
    private bool _canPull;

    public FakeRequestStream(FakeCarrier carrier) => Request = new ClientRequest(carrier.Client, this);

    public ClientRequest Request { get; }

    public int? Status { get; private set; }

    /// <summary><c>name: value</c>, in order.</summary>
    public List<string> Fields { get; } = [];

    public List<byte> Body { get; } = [];

    /// <summary>Whether the relay ended its side in order.</summary>
    public bool Ended { get; private set; }

    public TunnelAbort? Aborted { get; private set; }

    /// <summary>Whether the client was asked to send no more.</summary>
    public bool Stopped { get; private set; }

    public long Unconsumed { get; private set; }

    public bool IsClosed { get; private set; }

    public bool TakesDatagrams => false;

    public bool HasArrived => true;

    /// <summary>The client sends bytes.</summary>
    public void Send(ReadOnlySpan<byte> data)
    {
        Unconsumed += data.Length;
        Request.OnBody(data);
    }

    public void Answer(in ResponseHead head)
    {
        Assert.Null(Status);
        Status = head.Status;
        head.WriteFields(this);
        _canPull = head.OpensTunnel;
        Ended = !head.OpensTunnel;
    }

    public void Add(ReadOnlySpan<byte> name, string value) =>
        Fields.Add($"{Encoding.ASCII.GetString(name)}: {value}");

    public void DeliverEarlyDatagrams()
    {
    }

    public void StopReceiving() => Stopped = true;

    public void Abort(TunnelAbort reason)
    {
        Assert.Null(Aborted);
        Aborted = reason;
        _canPull = false;
    }

    public void Resume() => _canPull = Status is not null && !Ended && Aborted is null;

    public void ResumeDatagrams() => Assert.Fail("There are no DATAGRAM frames.");

    public void Consume(long length)
    {
        Unconsumed -= length;
        Assert.InRange(Unconsumed, 0, long.MaxValue);
    }

    /// <summary>Both sides are done, or the connection is gone.</summary>
    public void Close(bool withError = false)
    {
        Assert.False(IsClosed);
        IsClosed = true;
        Request.OnStreamClosed(withError);
    }

    /// <summary>The turn of writing.</summary>
    public bool Pull()
    {
        if (!_canPull || IsClosed)
            return false;
        var room = new byte[Math.Max(100, Request.NeededRoom)];
        var length = Request.PullBody(room);
        _canPull &= length > 0;
        Ended |= length == ClientRequest.EndOfBody;
        Body.AddRange(room[..Math.Max(0, length)]);
        return true;
    }
}
