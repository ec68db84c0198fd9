using System.Net;
using Relay.Native.Linux;

namespace Relay.Load.Targets;

/// <summary>
/// Counts what arrives, and answers the first datagram of each sender: a relay may hold back what goes to a target that
/// has never answered.
/// </summary>
internal sealed class UdpSink(TargetLoop loop, IPEndPoint local) : UdpTarget(loop, local)
{
    private readonly HashSet<SocketEndpoint> _answered = [];
    private SocketEndpoint _last;
    private long _datagrams;
    private long _bytes;

    public long Datagrams => Volatile.Read(ref _datagrams);

    public long Bytes => Volatile.Read(ref _bytes);

    protected override void OnDatagrams(DatagramBatch batch)
    {
        long bytes = 0;
        for (var i = 0; i < batch.Count; i++)
        {
            bytes += batch[i].Length;
            ref readonly var remote = ref batch.Remote(i);
            if (remote != _last)
                Answer(in remote, in batch.Local(i));
        }
        Volatile.Write(ref _datagrams, _datagrams + batch.Count);
        Volatile.Write(ref _bytes, _bytes + bytes);
    }

    private void Answer(in SocketEndpoint remote, in SocketEndpoint local)
    {
        _last = remote;
        if (!_answered.Add(remote) || Sending.Reserve(1) is not { IsEmpty: false } room)
            return;
        room[0] = 0;
        Sending.Commit(1, in remote, in local, 0);
    }
}
