using System.Net;
using Relay.Native.Linux;

namespace Relay.Load.Targets;

/// <summary>Counts what arrives.</summary>
internal sealed class UdpSink(TargetLoop loop, IPEndPoint local) : UdpTarget(loop, local)
{
    private long _datagrams;
    private long _bytes;

    public long Datagrams => Volatile.Read(ref _datagrams);

    public long Bytes => Volatile.Read(ref _bytes);

    protected override void OnDatagrams(DatagramBatch batch)
    {
        long bytes = 0;
        for (var i = 0; i < batch.Count; i++)
            bytes += batch[i].Length;
        Volatile.Write(ref _datagrams, _datagrams + batch.Count);
        Volatile.Write(ref _bytes, _bytes + bytes);
    }
}
