using Relay.Load.Measure;
using Relay.Native.Linux;

namespace Relay.Load.Targets;

/// <summary>A connection that begins with a <see cref="TransferRequest"/>.</summary>
internal abstract class TransferConnection(TargetLoop loop, StreamSocket socket) : TcpTargetConnection(loop, socket)
{
    private int _received;
    private StreamDigest? _digest;

    protected byte[] Buffer { get; } = new byte[256 * 1024];

    protected TransferRequest Request { get; private set; }

    protected sealed override bool Continue()
    {
        while (_digest is null)
        {
            var result = Socket.Receive(Buffer.AsSpan(_received, TransferRequest.Length - _received));
            if (result <= 0)
                return result == -Errno.EAGAIN;
            _received += result;
            if (_received < TransferRequest.Length)
                continue;
            if (!TransferRequest.TryRead(Buffer, out var request))
                return false;
            Request = request;
            _digest = new StreamDigest(request.Verify);
        }
        return Transfer(_digest);
    }

    /// <summary>Continues once the request is there.</summary>
    /// <param name="digest">Of what goes over the connection.</param>
    protected abstract bool Transfer(StreamDigest digest);

    protected sealed override void OnClosed() => _digest?.Dispose();
}
