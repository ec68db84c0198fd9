using Relay.Native.Nghttp3;

namespace Relay.Node.Tests.InMemory.World;

/// <summary>What differs between the versions of nghttp3 that are supported.</summary>
internal static unsafe class Nghttp3Behaviour
{
    private static readonly int Version = NativeMethods.nghttp3_version(0)->version_num;

    /// <summary>From 1.11 on a malformed message ends its connection, as RFC 9114 §8 allows, and not only its stream.</summary>
    public static bool MalformedEndsConnection => Version >= 0x010b00;

    /// <summary>From 1.14 on a server takes no notice of a client's SETTINGS_ENABLE_CONNECT_PROTOCOL (RFC 8441 §3).</summary>
    public static bool IgnoresClientsConnectProtocol => Version >= 0x010e00;
}
