using Relay.Native.Ngtcp2;

namespace Relay.Node.Tests.InMemory.World;

/// <summary>What differs between the versions of ngtcp2 that are supported.</summary>
internal static unsafe class Ngtcp2Behaviour
{
    /// <summary>From 1.12 on it leaves out packet numbers now and then (RFC 9000 §21.4).</summary>
    public static bool LeavesOutPacketNumbers { get; } = NativeMethods.ngtcp2_version(0)->version_num >= 0x010c00;
}
