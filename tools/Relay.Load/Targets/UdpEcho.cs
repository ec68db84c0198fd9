using System.Net;
using Relay.Native.Linux;

namespace Relay.Load.Targets;

/// <summary>Sends every datagram back.</summary>
internal sealed class UdpEcho(TargetLoop loop, IPEndPoint local) : UdpTarget(loop, local)
{
    protected override void OnDatagrams(DatagramBatch batch)
    {
        for (var i = 0; i < batch.Count; i++)
        {
            var payload = batch[i];
            var room = Sending.Reserve(payload.Length);
            if (room.Length < payload.Length && Flush())
                room = Sending.Reserve(payload.Length);
            // A full socket: UDP drops, and so does its echo.
            if (room.Length < payload.Length)
                continue;
            payload.CopyTo(room);
            Sending.Commit(payload.Length, in batch.Remote(i), in batch.Local(i), 0);
        }
    }
}
